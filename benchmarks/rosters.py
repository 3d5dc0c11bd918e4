"""Invented rosters of four sizes: slots, volunteers, and who can take what. Seeded.

Evenings from Monday to Friday and Saturday mornings, at as many sites as the slots of a day need. A
volunteer knows one to three sites, keeps to some days of the week, takes leave, most of it in
school holidays, does less than a full part as often as not, and carries a history.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import cycle, islice
from zoneinfo import ZoneInfo

from scheduler import problem, records

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2027, 1, 4, tzinfo=PARIS)
SATURDAY, FRIDAY = 5, 4
SCHOOL_HOLIDAYS = frozenset((6, 7, 14, 15, *range(26, 35), 42, 43, 50, 51))
"""Weeks from the first Monday on."""
HOLIDAY_LEAVE, LEAVE = 0.5, 0.1
HARDNESS = (3, 3, 2, 2, 1, 1)
UNIFORM, MONTHS = "all 1 point", "all 1 point, caps of months"
SATURDAYS, STEEP = "Saturdays 2 points", "2, 3 or 4 points"
POINTS = {
    UNIFORM: (1, 1, 1, 1, 1, 1),
    MONTHS: (1, 1, 1, 1, 1, 1),
    SATURDAYS: (1, 1, 1, 1, 1, 2),
    STEEP: (2, 2, 2, 2, 3, 4),
}
"""Of each day of the week: `STEEP` tells Fridays from other evenings too."""
NESTED = UNIFORM
"""Here nobody has a cap of calendar months: those of weeks and of the period nest, months cut weeks
in two."""
OFFERED = 0.8
"""Of the duties that somebody could take."""


@dataclass(frozen=True)
class Size:
    name: str
    doctors: int
    weeks: int
    slots: int
    seats: int

    def __str__(self) -> str:
        return f"{self.name}, {self.doctors} doctors, {self.slots:,} slots"


MONTH = Size("month", 60, 4, 72, 120)
QUARTER = Size("quarter", 120, 13, 390, 546)
SEMESTER = Size("semester", 200, 26, 1_208, 1_812)
YEAR = Size("year", 500, 52, 6_060, 7_878)
SIZES = (MONTH, QUARTER, SEMESTER, YEAR)


@dataclass(frozen=True)
class Instance:
    """A size, and what its duties are worth: a key of `POINTS`."""

    size: Size
    points: str

    def __str__(self) -> str:
        return f"{self.size.name}, {self.points}"

    def problem(self) -> problem.Problem:
        draw = random.Random(1)  # noqa: S311 - invented people need no cryptography
        slots = list(_slots(self.size, POINTS[self.points]))
        doctors = [_doctor(draw, self.size, row) for row in range(self.size.doctors)]
        if self.points == NESTED:
            doctors = [replace(it, max_per_month=None) for it in doctors]
        offers = [it for one in doctors for it in _offers(draw, self.size, one, slots)]
        return records.from_records(slots, doctors, offers)


def _sites(size: Size) -> int:
    return -(-size.slots // (6 * size.weeks))


def _slots(size: Size, points: tuple[int, ...]) -> Iterator[records.Slot]:
    """Site after site, so that the last sites are the ones not open every day."""
    days = [(week, day) for week in range(size.weeks) for day in (5, 4, 3, 2, 1, 0)]
    places = ((site, *day) for site in range(_sites(size)) for day in days)
    for row, (site, week, day) in enumerate(islice(places, size.slots)):
        first, hours = (9, 4) if day == SATURDAY else (18, 2)
        start = MONDAY + timedelta(weeks=week, days=day, hours=first)
        yield records.Slot(
            slot_id=f"{week:02}-{day}-{site:02}",
            start=start,
            end=start + timedelta(hours=hours),
            doctors_needed=2 if row < size.seats - size.slots else 1,
            hardness=HARDNESS[day],
            points=points[day],
            site=f"{site:02}",
        )


def _doctor(draw: random.Random, size: Size, row: int) -> records.Doctor:
    share = draw.choice((1.0, 1.0, 1.0, 0.8, 0.5, 0.3))
    mean = size.seats / size.doctors
    return records.Doctor(
        rpps=f"{10_000_000_000 + row}",
        participation=share,
        max_per_week=draw.choice((1, 1, 1, 2)),
        max_per_month=draw.choice((3, 4, None)),
        max_per_period=draw.choice((None, None, round(2 * mean * share) + 1)),
        history_points=draw.randint(0, round(2 * mean)),
    )


def _offers(
    draw: random.Random, size: Size, doctor: records.Doctor, slots: list[records.Slot]
) -> Iterator[records.Offer]:
    home = draw.randrange(_sites(size))
    sites = {
        f"{it:02}"
        for it in islice(cycle(range(_sites(size))), home, home + draw.choice((1, 2, 2, 3)))
    }
    weekdays = set(draw.sample(range(6), draw.choice((1, 2, 2, 3, 4))))
    away = {week for week in range(size.weeks) if draw.random() < _leave(week)}
    for slot in slots:
        since = slot.start - MONDAY
        there = slot.site in sites and since.days % 7 in weekdays
        if there and since.days // 7 not in away and draw.random() < OFFERED:
            wish = draw.choice((-2, -1, 0, 0, 0, 0, 1, 2))
            yield records.Offer(doctor.rpps, slot.slot_id, wish)


def _leave(week: int) -> float:
    return HOLIDAY_LEAVE if week in SCHOOL_HOLIDAYS else LEAVE
