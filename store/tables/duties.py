"""Ranges of time to be staffed, and who holds them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index
from sqlmodel import Field

from store.tables.row import Row


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
    worked: bool | None = None
    """Whether it was really done; unknown until somebody says so."""
    attested_at: datetime | None = None


class Availability(Row, table=True):
    """What a doctor says of a slot; a pair that is not there is a no."""

    __table_args__ = (CheckConstraint("wish BETWEEN -2 AND 2", name="wish_known"),)

    slot_id: str = Field(primary_key=True, foreign_key="slot.id")
    rpps: str = Field(primary_key=True, foreign_key="doctor.rpps", index=True)
    wish: int = 0
    waives_rest: bool = False
    said_at: datetime


class RosterVersion(Row, table=True):
    """A roster as it was at some moment: numbered within its territory, never changed."""

    __tablename__ = "roster_version"
    __table_args__ = (
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("last_day >= first_day", name="days_in_order"),
        Index(None, "territory_id", "first_day"),
    )

    territory_id: str = Field(primary_key=True, foreign_key="territory.id")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    first_day: date
    last_day: date
    state: str
    """Where in its life it stood: `solved`, `validated`, `published`, `amended`, ..."""
    run_id: int | None = Field(default=None, foreign_key="run.id", index=True)
    duties: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    """Slots, times, sites and who holds them, whole: later changes elsewhere change nothing."""
    digest: str
    actor: str
    made_at: datetime
