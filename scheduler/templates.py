"""From a weekly pattern and a period to the slots to be staffed.

A template says what comes back every week, how heavy it is on which days, what a special period
changes and what is closed. Nothing in it is guessed: school holidays are given, like the rest.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from scheduler import regimes
from scheduler.problem import HARDNESSES, MOST

HOLIDAY = 7
"""A day of its own beside the weekdays 0 (Monday) to 6: a public holiday is no Tuesday."""
EVERY_DAY = frozenset(range(8))


class Circumstance(StrEnum):
    """What may be particular about a day, whatever the ARS has opened."""

    HOLIDAY_EVE = "holiday_eve"
    BRIDGE_DAY = "bridge_day"
    SCHOOL_HOLIDAYS = "school_holidays"


@dataclass(frozen=True)
class Span:
    """Civil days from the first to the last, both included."""

    first_day: date
    last_day: date

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise ValueError(f"{self.last_day} comes before {self.first_day}")

    def holds(self, day: date) -> bool:
        """Whether a day is one of them."""
        return self.first_day <= day <= self.last_day


ALWAYS = Span(date.min, date.max)


@dataclass(frozen=True)
class Line:
    """A duty of one site that comes back on some days: weekdays 0 to 6 and `HOLIDAY`.

    An `end` at or before `start` is one of the next day; both are clock times of the territory.
    """

    line_id: str
    site_id: str
    days: frozenset[int]
    start: time
    end: time
    doctors_needed: int = 1
    hardness: int = 2
    points: int = 1

    def __post_init__(self) -> None:
        where = f"line {self.line_id!r}"
        _demand(bool(self.days) and self.days <= EVERY_DAY, f"{where}: days {sorted(self.days)}")
        _demand(0 <= self.doctors_needed <= MOST, f"{where}: {self.doctors_needed} doctors needed")
        _demand_burden(where, self.hardness, self.points)


@dataclass(frozen=True)
class Weight:
    """How heavy the slots of some days are, instead of what their line says.

    All that is given must hold: the day is of one of `days`, every one of `when` is true of it, it
    lies in `span`, and the line is one of `line_ids` (none: any line).
    """

    name: str
    hardness: int
    points: int
    days: frozenset[int] = EVERY_DAY
    when: frozenset[Circumstance] = frozenset()
    line_ids: frozenset[str] = frozenset()
    span: Span = ALWAYS

    def __post_init__(self) -> None:
        _demand_burden(f"weight {self.name!r}", self.hardness, self.points)


@dataclass(frozen=True)
class Special:
    """A period with other seats for some lines, and lines of its own: an epidemic, a fair."""

    name: str
    span: Span
    doctors_needed: Mapping[str, int] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Closure:
    """Days on which a site, or every site if none is named, has no slot."""

    span: Span
    site_id: str | None = None


@dataclass(frozen=True)
class SchoolHolidays:
    """The days without school of one zone, A, B or C."""

    zone: str
    span: Span


@dataclass(frozen=True)
class Template:
    """All of the above. Of several weights, or several specials, the first that fits wins.

    Raises ValueError for a line named twice, a name without line, or a weight of school holidays
    without any for the zone.
    """

    lines: tuple[Line, ...]
    weights: tuple[Weight, ...] = ()
    specials: tuple[Special, ...] = ()
    closures: tuple[Closure, ...] = ()
    school_holidays: tuple[SchoolHolidays, ...] = ()
    school_zone: str | None = None

    def __post_init__(self) -> None:
        every = [*self.lines, *(line for it in self.specials for line in it.lines)]
        known = Counter(line.line_id for line in every)
        _demand(known.total() == len(known), f"lines named twice: {(known - Counter({*known}))}")
        named = {name for it in self.weights for name in it.line_ids}
        named |= {name for it in self.specials for name in it.doctors_needed}
        _demand(named <= {*known}, f"lines named but not given: {sorted(named - {*known})}")
        asked = any(Circumstance.SCHOOL_HOLIDAYS in it.when for it in self.weights)
        given = any(it.zone == self.school_zone for it in self.school_holidays)
        _demand(given or not asked, f"no school holidays given for zone {self.school_zone}")


@dataclass(frozen=True)
class Slot:
    """A slot to be staffed, half open, in local time with its offset.

    `slot_id` is the line and the day it starts on, so it stays the same whatever else changes.
    `weight` names what decided `hardness` and `points`; empty: the line itself.
    """

    slot_id: str
    site_id: str
    start: datetime
    end: datetime
    doctors_needed: int
    hardness: int
    points: int
    weight: str


def slots_of(
    template: Template, first_day: date, last_day: date, territory: regimes.Territory
) -> tuple[Slot, ...]:
    """The slots that start from the first to the last civil day, both included, by start and id.

    A slot that lies wholly in the hour that is skipped in spring has no time to be in, and is
    left out. Raises ValueError for days in the wrong order.
    """
    days = Span(first_day, last_day)
    count = (days.last_day - days.first_day).days + 1
    found = [
        slot
        for day in (first_day + timedelta(days=n) for n in range(count))
        for slot in _slots(template, day, territory)
        if slot.start.timestamp() < slot.end.timestamp()
    ]
    return tuple(sorted(found, key=lambda slot: (slot.start.timestamp(), slot.slot_id)))


def circumstances(
    day: date, template: Template, territory: regimes.Territory
) -> frozenset[Circumstance]:
    """What is particular about a day."""
    holds = {
        Circumstance.HOLIDAY_EVE: bool(regimes.holiday(day + timedelta(days=1), territory)),
        Circumstance.BRIDGE_DAY: regimes.is_bridge_day(day, territory),
        Circumstance.SCHOOL_HOLIDAYS: any(
            it.zone == template.school_zone and it.span.holds(day)
            for it in template.school_holidays
        ),
    }
    return frozenset(it for it, true in holds.items() if true)


def _slots(template: Template, day: date, territory: regimes.Territory) -> Iterator[Slot]:
    kind = HOLIDAY if regimes.holiday(day, territory) else day.weekday()
    particular = circumstances(day, template, territory)
    specials = [it for it in template.specials if it.span.holds(day)]
    closed = {it.site_id for it in template.closures if it.span.holds(day)}
    for line in [*template.lines, *(line for it in specials for line in it.lines)]:
        seats = _seats(line, specials)
        if kind in line.days and seats and not closed & {None, line.site_id}:
            weight = _weight(template.weights, line, day, kind, particular)
            yield _slot(line, day, territory, seats=seats, weight=weight)


def _seats(line: Line, specials: Sequence[Special]) -> int:
    said = (it.doctors_needed[line.line_id] for it in specials if line.line_id in it.doctors_needed)
    return next(said, line.doctors_needed)


def _weight(
    weights: Sequence[Weight],
    line: Line,
    day: date,
    kind: int,
    particular: frozenset[Circumstance],
) -> Weight:
    fitting = (
        it
        for it in weights
        if kind in it.days
        and it.when <= particular
        and it.span.holds(day)
        and (not it.line_ids or line.line_id in it.line_ids)
    )
    return next(fitting, Weight("", line.hardness, line.points))


def _slot(
    line: Line, day: date, territory: regimes.Territory, *, seats: int, weight: Weight
) -> Slot:
    zone = territory.zone
    start, end = (it.hour * 60 + it.minute for it in (line.start, line.end))
    if end <= start:
        end += regimes.DAY_MINUTES
    # In the hour that comes twice a duty starts at the first coming and ends at the second.
    return Slot(
        slot_id=f"{line.line_id}-{day.isoformat()}",
        site_id=line.site_id,
        start=regimes.civil(day, start, zone).astimezone(zone),
        end=regimes.civil(day, end, zone, last=True).astimezone(zone),
        doctors_needed=seats,
        hardness=weight.hardness,
        points=weight.points,
        weight=weight.name,
    )


def _demand_burden(where: str, hardness: int, points: int) -> None:
    _demand(hardness in HARDNESSES, f"{where}: hardness is {hardness}, expected 1, 2 or 3")
    _demand(0 <= points <= MOST, f"{where}: points are {points}, expected 0 or more")


def _demand(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)
