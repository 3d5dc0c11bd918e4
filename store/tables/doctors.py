"""Doctors, where they receive patients, how many they would take, and who may replace whom."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from store.tables.row import Row


class Doctor(Row, table=True):
    """A doctor by national number (RPPS), whatever the doctor does here."""

    rpps: str = Field(primary_key=True)
    family_name: str | None = None
    given_name: str | None = None
    phone: str | None = None
    email: str | None = None
    checked_on: date | None = None
    """When the national directory last confirmed the number and the name."""


class Practice(Row, table=True):
    """Where a doctor receives patients and what the place offers: one row a doctor and a place."""

    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_on_earth"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_on_earth"),
    )

    id: int | None = Field(default=None, primary_key=True)
    rpps: str = Field(foreign_key="doctor.rpps", index=True)
    structure_id: str | None = Field(default=None, foreign_key="structure.id", index=True)
    code_insee: str | None = Field(default=None, foreign_key="commune.code_insee", index=True)
    latitude: float
    longitude: float
    address: str | None = None
    phone: str | None = None
    rank: str | None = None
    """RPPS-rang: the national number of a doctor at a place, 14 digits."""
    wheelchair: bool | None = None
    languages: str = ""
    """ISO 639-1 codes separated by spaces; empty is French."""
    home_visit_minutes: float | None = None
    status: str | None = None
    """`installed`, `locum` or `assistant`; only an installed doctor builds a panel."""


class Capacity(Row, table=True):
    """How many new patients a doctor would take at a practice, on which conditions, since when."""

    __table_args__ = (
        CheckConstraint("places >= 0", name="places_not_negative"),
        CheckConstraint("min_age <= max_age", name="ages_in_order"),
        Index(
            "uq_capacity_practice_id_current",
            "practice_id",
            unique=True,
            sqlite_where=text("current = 1"),
            postgresql_where=text("current"),
        ),
        Index(None, "practice_id", "declared_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id")
    current: bool = True
    """Whether no later declaration has taken its place."""
    places: int
    min_age: int | None = None
    max_age: int | None = None
    declared_on: date | None = None
    confirmed_on: date | None = None
    """When the doctor last said that it is still right."""


class Licence(Row, table=True):
    """Of a student who may replace a doctor; it ends on a 15 November (D4131-2 CSP)."""

    rpps: str = Field(primary_key=True, foreign_key="doctor.rpps")
    valid_until: date = Field(primary_key=True)
    departement: str
    """Of the council of the Ordre that gave it."""


class Authorisation(Row, table=True):
    """To replace in a département, given by its council of the Ordre for three months at most."""

    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="days_in_order"),
        Index(None, "rpps", "last_day"),
    )

    id: int | None = Field(default=None, primary_key=True)
    rpps: str = Field(foreign_key="doctor.rpps")
    departement: str
    first_day: date
    last_day: date


class Replacement(Row, table=True):
    """A locum in the place of a doctor, who may not practise meanwhile (R4127-65 CSP)."""

    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="days_in_order"),
        CheckConstraint("locum_rpps <> replaced_rpps", name="somebody_else"),
        Index(None, "replaced_rpps", "last_day"),
        Index(None, "locum_rpps", "last_day"),
    )

    id: int | None = Field(default=None, primary_key=True)
    locum_rpps: str = Field(foreign_key="doctor.rpps")
    replaced_rpps: str = Field(foreign_key="doctor.rpps")
    first_day: date
    last_day: date
    recorded_at: datetime
