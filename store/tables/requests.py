"""The way of a patient from a first call to a declared médecin traitant."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from store.tables.row import Row, among, one_of

OPEN = (
    "received",
    "to_qualify",
    "eligible",
    "proposed",
    "first_visit_before_decision",
    "accepted_by_doctor",
    "accepted_by_patient",
    "first_appointment_set",
    "seen",
    "declared",
)
ENDED = (
    "closed",
    "opposed",
    "withdrawn_found_alone",
    "moved_away",
    "deceased",
    "unreachable",
    "duplicate",
    "out_of_territory",
)
STATES = OPEN + ENDED

DECLARERS = ("doctor", "insurer")
"""Who can say that a declaration was made; the software never makes it."""


class Request(Row, table=True):
    """One search for a médecin traitant. A patient has one open request at most."""

    __table_args__ = (
        one_of("state", STATES),
        one_of("declared_by", DECLARERS),
        CheckConstraint(
            f"(ended_at IS NULL) = ({among('state', OPEN)})", name="ended_out_of_open_states"
        ),
        Index(
            "uq_request_patient_id_open",
            "patient_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        # The lists of a coordinator: what stands where, the longest waiting first.
        Index(None, "territory_id", "state", "state_since"),
        # What a job looks for: what has run out.
        Index(None, "state", "expires_at"),
    )

    id: str = Field(primary_key=True)
    patient_id: str = Field(foreign_key="patient.id", index=True)
    territory_id: str = Field(foreign_key="territory.id")
    state: str
    state_since: datetime
    opened_at: datetime
    ended_at: datetime | None = None
    rpps: str | None = Field(default=None, foreign_key="doctor.rpps", index=True)
    """To whom it is proposed, or who has accepted."""
    run_id: int | None = Field(default=None, foreign_key="run.id", index=True)
    """The matching that proposed it."""
    expires_at: datetime | None = None
    """When the present state ends by itself, if it does."""
    declared_by: str | None = None
    forwarded_to: str | None = None


class RequestEvent(Row, table=True):
    """One step of a request, numbered from 1; never altered."""

    __tablename__ = "request_event"
    __table_args__ = (
        CheckConstraint("number > 0", name="number_positive"),
        one_of("to_state", STATES),
    )

    request_id: str = Field(primary_key=True, foreign_key="request.id")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime
    actor: str
    event: str
    from_state: str | None = None
    to_state: str
    rpps: str | None = None
    reason: str | None = None
    """One of a closed list of lawful reasons."""


class Exclusion(Row, table=True):
    """A doctor and a patient who are not proposed to each other again."""

    __table_args__ = (one_of("said_by", ("doctor", "patient", "coordinator")),)

    patient_id: str = Field(primary_key=True, foreign_key="patient.id")
    rpps: str = Field(primary_key=True, foreign_key="doctor.rpps", index=True)
    said_by: str
    since: datetime
