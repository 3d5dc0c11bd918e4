"""What is kept of the national directories: travel times already asked for, and how each fares."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from store.tables.row import Row


class TravelTime(Row, table=True):
    """The time by road from one cell to another, as a directory told it.

    Cells are those of the H3 grid, resolution 9: nothing here says who wanted to know.
    """

    __tablename__ = "travel_time"
    __table_args__ = (
        CheckConstraint("origin <> destination", name="two_places"),
        CheckConstraint("seconds >= 0", name="seconds_not_negative"),
    )

    origin: str = Field(primary_key=True, max_length=15)
    destination: str = Field(primary_key=True, max_length=15)
    source: str = Field(primary_key=True)
    """Which directory told it, and how one travels: `osrm:driving`."""
    seconds: int | None = None
    """Empty: there is no way."""
    fetched_at: datetime = Field(index=True)


class DirectoryState(Row, table=True):
    """When a directory answered last, and since when it does not."""

    __tablename__ = "directory_state"
    __table_args__ = (
        CheckConstraint("consecutive_failures >= 0", name="failures_not_negative"),
        CheckConstraint(
            "(consecutive_failures = 0) = (failing_since IS NULL)", name="failing_since_a_failure"
        ),
    )

    name: str = Field(primary_key=True)
    last_success: datetime | None = None
    last_failure: datetime | None = None
    consecutive_failures: int = 0
    """Questions without a usable answer since the last one that had one."""
    failing_since: datetime | None = None
    """The first of these."""
