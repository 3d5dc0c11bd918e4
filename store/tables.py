"""What is remembered, table by table.

No row describes a patient: of the matching, only figures already made safe to publish are kept.
Instants are aware and stored in UTC. The rows are not validated when they are built (SQLModel
does not): the file readers and the constraints below are what keeps nonsense out.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, MetaData
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """The common ground of the tables: one catalogue whose constraints all have a name."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)


class Territory(Row, table=True):
    """A group of communes that organises its care together, with its civil time."""

    id: str = Field(primary_key=True)
    name: str
    timezone: str = "Europe/Paris"


class Commune(Row, table=True):
    """A commune of the official geographic code, and its centre in degrees (WGS 84)."""

    code_insee: str = Field(primary_key=True)
    name: str = Field(index=True)
    postal_codes: str
    """Separated by spaces."""
    population: int
    latitude: float
    longitude: float
    epci_name: str


class Doctor(Row, table=True):
    """A doctor by national number (RPPS), whatever the doctor does here."""

    rpps: str = Field(primary_key=True)
    family_name: str | None = None
    given_name: str | None = None


class Practice(Row, table=True):
    """Where a doctor receives patients, what the place offers and how many it would take."""

    __table_args__ = (
        CheckConstraint("places >= 0", name="places_not_negative"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_on_earth"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_on_earth"),
    )

    id: int | None = Field(default=None, primary_key=True)
    rpps: str = Field(foreign_key="doctor.rpps", index=True)
    code_insee: str | None = Field(default=None, foreign_key="commune.code_insee", index=True)
    latitude: float
    longitude: float
    places: int
    """New patients accepted in the round."""
    min_age: int | None = None
    max_age: int | None = None
    wheelchair: bool | None = None
    languages: str = ""
    """ISO 639-1 codes separated by spaces; empty is French."""
    home_visit_minutes: float | None = None
    status: str | None = None
    """`installed`, `locum` or `assistant`; only an installed doctor builds a panel."""
    confirmed_on: date | None = None


class Site(Row, table=True):
    """A place where duty is done."""

    id: str = Field(primary_key=True)
    territory_id: str | None = Field(default=None, foreign_key="territory.id", index=True)
    name: str
    address: str
    code_insee: str = Field(foreign_key="commune.code_insee")
    latitude: float
    longitude: float
    phone: str | None = None


class Slot(Row, table=True):
    """A range of time to be staffed at a site: it holds from `starts_at` until before `ends_at`."""

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("doctors_needed >= 0", name="doctors_needed_not_negative"),
        CheckConstraint("hardness BETWEEN 1 AND 3", name="hardness_known"),
        # What a search by instant walks: what is not over yet, then what begins soon enough.
        Index(None, "ends_at", "starts_at"),
        Index(None, "site_id", "ends_at", "starts_at"),
    )

    id: str = Field(primary_key=True)
    site_id: str = Field(foreign_key="site.id")
    starts_at: datetime = Field(index=True)
    ends_at: datetime
    doctors_needed: int
    hardness: int
    points: int


class Duty(Row, table=True):
    """A doctor who takes a slot in the published roster, and the points it brings."""

    slot_id: str = Field(primary_key=True, foreign_key="slot.id")
    rpps: str = Field(primary_key=True, foreign_key="doctor.rpps", index=True)
    points: int


class Run(Row, table=True):
    """A finished computation: what was asked, how it ended, what it said of itself."""

    __table_args__ = (
        CheckConstraint("kind IN ('matching', 'roster')", name="kind_known"),
        CheckConstraint("status IN ('optimal', 'feasible', 'none')", name="status_known"),
        Index(None, "kind", "finished_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    day: date
    seed: int = Field(sa_type=BigInteger)
    status: str
    summary: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    problem_digest: str
    finished_at: datetime


class CommuneFigure(Row, table=True):
    """What may be published of a commune after a matching; an empty count is a hidden one."""

    __tablename__ = "commune_figure"

    run_id: int = Field(primary_key=True, foreign_key="run.id")
    code_insee: str = Field(primary_key=True, foreign_key="commune.code_insee")
    patients: int | None = None
    proposed: int | None = None
    waiting: int | None = None
    accepting_doctors: int
    places_open: int
