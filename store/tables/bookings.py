"""Places that a regulator can take: when, for whom to see, how many, and who holds them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from store.tables.row import Row, one_of

CONSULTATIONS = ("AMB", "HH", "VR")
"""Surgery, home visit, teleconsultation (HL7 v3-ActCode)."""

STATES = ("booked", "fulfilled", "noshow", "cancelled")
"""Of a booking, in the words of the national interface (FrAppointmentSAS)."""


class BookableSlot(Row, table=True):
    """A slot for one patient, or a range of time for several, that a doctor opens."""

    __tablename__ = "bookable_slot"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("max_patients > 0", name="max_patients_positive"),
        CheckConstraint("taken BETWEEN 0 AND max_patients OR extra_allowed", name="not_overbooked"),
        CheckConstraint(
            "for_public OR for_professionals OR for_regulation OR for_community",
            name="visible_to_somebody",
        ),
        CheckConstraint("at_office OR at_home OR remote", name="some_consultation"),
        one_of("source", ("doctor", "duty", "agenda")),
        # What is not over yet, then what begins soon enough; of everybody or of some doctors.
        Index(None, "ends_at", "starts_at"),
        Index(None, "rpps", "ends_at", "starts_at"),
    )

    id: str = Field(primary_key=True)
    rpps: str = Field(foreign_key="doctor.rpps")
    practice_id: int = Field(foreign_key="practice.id", index=True)
    slot_id: str | None = Field(default=None, foreign_key="slot.id", index=True)
    """The duty that it comes from."""
    starts_at: datetime
    ends_at: datetime
    max_patients: int = 1
    taken: int = 0
    """Places held or booked, counted by the same writes that hold and book."""
    extra_allowed: bool = False
    """The doctor takes patients beyond the last place, when asked."""
    walk_in: bool = False
    """Patients come without an appointment: nothing is booked."""
    for_public: bool = False
    for_professionals: bool = False
    for_regulation: bool = False
    for_community: bool = False
    """Who may see it (TRE_R314-TypeCreneau: PUBLIC, PRO, SNP, CPTS)."""
    at_office: bool = True
    at_home: bool = False
    remote: bool = False
    source: str = "doctor"
    changed_at: datetime


class BookableSlotTerritory(Row, table=True):
    """A community that a bookable slot is for; it may be for several."""

    __tablename__ = "bookable_slot_territory"

    bookable_slot_id: str = Field(primary_key=True, foreign_key="bookable_slot.id")
    territory_id: str = Field(primary_key=True, foreign_key="territory.id", index=True)


class Unavailability(Row, table=True):
    """When a doctor is not there, whatever is open; without an end, until further notice."""

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index(None, "rpps", "starts_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    rpps: str = Field(foreign_key="doctor.rpps")
    starts_at: datetime
    ends_at: datetime | None = None


class Hold(Row, table=True):
    """A place kept for the length of a call."""

    __table_args__ = (
        CheckConstraint("expires_at > made_at", name="expires_after_made"),
        Index(None, "bookable_slot_id", "expires_at"),
        Index(None, "expires_at"),
    )

    id: str = Field(primary_key=True)
    bookable_slot_id: str = Field(foreign_key="bookable_slot.id")
    account_id: str = Field(foreign_key="account.id", index=True)
    made_at: datetime
    expires_at: datetime


class Booking(Row, table=True):
    """A place that a regulator took for a caller: no name, no reason, no diagnosis."""

    __table_args__ = (
        one_of("state", STATES),
        one_of("consultation", CONSULTATIONS),
        Index(None, "bookable_slot_id", "state"),
        Index(None, "rpps", "starts_at"),
        Index(
            "ix_booking_drm_ref",
            "drm_ref",
            postgresql_where=text("drm_ref IS NOT NULL"),
            sqlite_where=text("drm_ref IS NOT NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    """Also the technical identifier of the appointment for the national platform."""
    bookable_slot_id: str = Field(foreign_key="bookable_slot.id")
    rpps: str = Field(foreign_key="doctor.rpps")
    """Kept, as the times are, for the evidence when the bookable_slot has changed."""
    starts_at: datetime
    ends_at: datetime
    consultation: str = "AMB"
    state: str = "booked"
    booked_at: datetime
    state_since: datetime
    account_id: str = Field(foreign_key="account.id", index=True)
    from_sas: bool = False
    regulated_at: datetime
    drm_ref: str | None = None
    """Of the record of the regulation, so that both can be brought together there."""
    own_patient: bool | None = None
    extra: bool = False
    contact: bytes | None = None
    """Where the message to the patient goes, sealed for `booking.contact:ID`; emptied after."""
