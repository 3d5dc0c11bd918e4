"""The year of a territory: its public holidays, its bridge days, and the regime of every hour."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from api.files import writing
from scheduler import regimes, templates

COLUMNS = ("date", "start", "end", "regime", "band", "holiday")
SLOT_COLUMNS = (
    "slot_id",
    "site_id",
    "start",
    "end",
    "doctors_needed",
    "hardness",
    "points",
)


@dataclass(frozen=True)
class Day:
    """A civil day: its holiday (empty if none), whether it is a bridge day, and its regimes."""

    day: date
    holiday: str
    is_bridge_day: bool
    segments: tuple[regimes.Segment, ...]


def days(year: int, territory: regimes.Territory) -> tuple[Day, ...]:
    """Every day of a year, in order."""
    first = date(year, 1, 1)
    count = (date(year, 12, 31) - first).days + 1
    return tuple(_day(first + timedelta(days=n), territory) for n in range(count))


def segments_csv(shown: Sequence[Day]) -> bytes:
    """A row for each segment of each day; hours of the clock, `24:00` at the end of the day."""
    return writing.csv_bytes(
        COLUMNS,
        (
            (
                it.day,
                clock(part.start_minute),
                clock(part.end_minute),
                part.regime,
                part.band,
                it.holiday,
            )
            for it in shown
            for part in it.segments
        ),
    )


def slots_csv(slots: Iterable[templates.Slot]) -> bytes:
    """Slots as the file that a roster is made from."""
    return writing.csv_bytes(
        SLOT_COLUMNS, ([getattr(slot, name) for name in SLOT_COLUMNS] for slot in slots)
    )


def clock(minute: int) -> str:
    """Minutes since midnight as HH:MM, up to 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _day(day: date, territory: regimes.Territory) -> Day:
    return Day(
        day=day,
        holiday=regimes.holiday(day, territory),
        is_bridge_day=regimes.is_bridge_day(day, territory),
        segments=regimes.segments(day, territory),
    )
