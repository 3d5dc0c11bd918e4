"""Patients who look for a médecin traitant: who they are, sealed, and what they agreed to.

What identifies somebody is sealed (`store.vault`) for the place `patient.COLUMN:ID`. Where
somebody lives is known by a cell of the H3 grid and by commune, never to the house. No number of
the health insurance is kept, and no diagnosis: the law forbids the one, nobody needs the other.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from store.tables.row import Row, one_of

FACTORS = ("ald", "pregnant", "handicap", "ehpad", "precarious")
"""What the priority may depend on. Unknown is not no: it asks for a telephone call."""

CONSENTS = ("sharing", "messages")
"""Sharing within the CPTS (L1110-4 CSP), messages about the request."""


class Household(Row, table=True):
    """Patients who go to one doctor together."""

    id: str = Field(primary_key=True)
    territory_id: str = Field(foreign_key="territory.id", index=True)


class Patient(Row, table=True):
    """Somebody who looks for a médecin traitant."""

    __table_args__ = (
        CheckConstraint("birth_year BETWEEN 1880 AND 2200", name="birth_year_possible"),
        CheckConstraint("max_minutes >= 0", name="max_minutes_not_negative"),
        # The number that the CPTS gives: what a file names a patient by when it comes again.
        UniqueConstraint("territory_id", "file_number"),
        # Where the same person may have been recorded before, without opening anything.
        Index(None, "likeness", "territory_id"),
    )

    id: str = Field(primary_key=True)
    territory_id: str = Field(foreign_key="territory.id")
    file_number: str
    household_id: str | None = Field(default=None, foreign_key="household.id", index=True)
    family_name: bytes | None = None
    given_name: bytes | None = None
    birth_date: bytes | None = None
    phone: bytes | None = None
    email: bytes | None = None
    likeness: str | None = None
    """Keyed digest of names and birth date without accents and case: equal for the same person."""
    birth_year: int | None = None
    code_insee: str | None = Field(default=None, foreign_key="commune.code_insee", index=True)
    cell: str | None = None
    """Of the H3 grid, resolution 9: some three hundred metres across."""
    ald: bool | None = None
    pregnant: bool | None = None
    handicap: bool | None = None
    ehpad: bool | None = None
    precarious: bool | None = None
    unattached_since: date | None = None
    usual_doctor_rpps: str | None = None
    needs_wheelchair: bool | None = None
    needs_home_visit: bool | None = None
    languages: str = ""
    """ISO 639-1 codes separated by spaces; empty is French."""
    max_minutes: float | None = None
    recorded_at: datetime
    opposed_at: datetime | None = None
    """Since when every processing has stopped, because the patient asked for it."""
    anonymised_at: datetime | None = None


class Consent(Row, table=True):
    """What a patient was told and agreed to, or took back: a row each time."""

    __table_args__ = (one_of("purpose", CONSENTS), Index(None, "patient_id", "purpose", "said_at"))

    id: int | None = Field(default=None, primary_key=True)
    patient_id: str = Field(foreign_key="patient.id")
    purpose: str
    given: bool
    text_version: str
    """Of the text that was read or read out."""
    collected_by: str
    """The actor, as in the journal."""
    said_at: datetime
