"""Seeded instances for the tests of the roster core; nothing here is measured or real."""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler import problem, records

PARIS = ZoneInfo("Europe/Paris")


def a_quarter(
    seed: int, doctors: int = 60, weeks: int = 13, offer_rate: float = 0.35
) -> problem.Problem:
    draw = random.Random(seed)
    slots = [slot for week in range(weeks) for slot in _week(draw, week)]
    people = [_doctor(draw, row) for row in range(doctors)]
    offers = [
        records.Offer(person.rpps, slot.slot_id, draw.choice((-2, -1, 0, 0, 0, 1, 2)))
        for person in people
        for slot in slots
        if draw.random() < offer_rate
    ]
    return records.from_records(slots, people, offers)


def _week(draw: random.Random, week: int) -> list[records.Slot]:
    monday = datetime(2027, 1, 4, tzinfo=PARIS) + timedelta(weeks=week)
    slots = []
    for day in range(5):
        start = monday + timedelta(days=day, hours=18)
        for site in "AB":
            slots.append(_slot(f"{start:%m%d}{site}", start, 2, 2 if day == 4 else 3, 2))
    start = monday + timedelta(days=5, hours=9)
    for site in "ABC":
        slots.append(_slot(f"{start:%m%d}{site}", start, 4, 1, draw.choice((3, 4))))
    return slots


def _slot(slot_id: str, start: datetime, hours: int, hardness: int, points: int) -> records.Slot:
    return records.Slot(slot_id, start, start + timedelta(hours=hours), 1, hardness, points)


def _doctor(draw: random.Random, row: int) -> records.Doctor:
    return records.Doctor(
        rpps=f"{10000000000 + row}",
        participation=draw.choice((1.0, 1.0, 0.8, 0.64, 0.5, 0.3)),
        max_per_week=draw.choice((1, 1, 2, None)),
        max_per_month=draw.choice((2, 3, 4, None)),
        max_per_period=draw.choice((3, 4, 6, None, None)),
        history_points=draw.randint(0, 30),
    )
