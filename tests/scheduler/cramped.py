"""Instances so small and crowded that every rule bites, and their answer by trying everything.

The counting here is written from the statement of the rules alone: no line of it is borrowed.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations, product
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from scheduler import problem
from scheduler.problem import Doctor, Offer, Slot

PARIS = ZoneInfo("Europe/Paris")
PARTICIPATIONS = (1.0, 0.5, 0.64, 0.3)
FIRST_DAYS = (datetime(2027, 1, 27, tzinfo=PARIS), datetime(2026, 12, 28, tzinfo=PARIS))
HOURS = ((18, 20), (18, 24), (9, 13), (12, 19), (20, 32), (0, 24))

caps = st.sampled_from((None, None, 0, 1, 2))


@st.composite
def cramped(draw: st.DrawFn, most_doctors: int = 4, most_slots: int = 5) -> problem.Problem:
    first = draw(st.sampled_from(FIRST_DAYS))
    slots = [_slot(draw, row, first) for row in range(draw(st.integers(1, most_slots)))]
    doctors = [_doctor(draw, row) for row in range(draw(st.integers(1, most_doctors)))]
    pairs = [(doctor.rpps, slot.slot_id) for doctor in doctors for slot in slots]
    offered = [pair for pair in pairs if draw(st.integers(0, 3))]
    published = draw(st.none() | st.sets(st.sampled_from([*pairs, ("9", "gone")]), max_size=5))
    return problem.problem(
        slots,
        doctors,
        [Offer(rpps, slot, draw(st.integers(-2, 2))) for rpps, slot in offered],
        published=published,
        rest_days=draw(st.integers(0, 2)),
    )


def _slot(draw: st.DrawFn, row: int, first: datetime) -> Slot:
    begin, end = draw(st.sampled_from(HOURS))
    day = first + timedelta(days=draw(st.integers(0, 9)))
    return Slot(
        slot_id=f"s{row}",
        start=day + timedelta(hours=begin),
        end=day + timedelta(hours=end),
        doctors_needed=draw(st.integers(0, 2)),
        hardness=draw(st.integers(1, 3)),
        points=draw(st.integers(0, 4)),
    )


def _doctor(draw: st.DrawFn, row: int) -> Doctor:
    return Doctor(
        rpps=f"d{row}",
        participation=draw(st.sampled_from(PARTICIPATIONS)),
        max_per_week=draw(caps),
        max_per_month=draw(caps),
        max_per_period=draw(caps),
        history_points=draw(st.integers(0, 6)),
    )


def best_by_trying_everything(asked: problem.Problem) -> tuple[int, ...]:
    """The best vector of levels, each counted so that more is better."""
    choices = [list(_choices(asked, slot)) for slot in range(len(asked.slot_ids))]
    rosters = ([*zip_slots(seats)] for seats in product(*choices))
    return max(_worth(asked, duties) for duties in rosters if allowed(asked, duties))


def zip_slots(seats: tuple[tuple[int, ...], ...]) -> Iterator[tuple[int, int]]:
    for slot, doctors in enumerate(seats):
        for doctor in doctors:
            yield doctor, slot


def _choices(asked: problem.Problem, slot: int) -> Iterator[tuple[int, ...]]:
    available = asked.pair_doctor[asked.pair_slot == slot].tolist()
    for size in range(int(asked.doctors_needed[slot]) + 1):
        yield from combinations(available, size)


def allowed(asked: problem.Problem, duties: list[tuple[int, int]]) -> bool:
    """Whether every doctor keeps his caps and his rest, day by day."""
    for doctor in range(len(asked.rpps)):
        days = [_days(asked, slot) for owner, slot in duties if owner == doctor]
        if any(_too_close(one, other, asked.rest_days) for one, other in combinations(days, 2)):
            return False
        starts = [touched[0] for touched in days]
        weeks = Counter(day.isocalendar()[:2] for day in starts)
        months = Counter((day.year, day.month) for day in starts)
        if _over(asked.max_per_week[doctor], weeks) or _over(asked.max_per_month[doctor], months):
            return False
        if _over(asked.max_per_period[doctor], Counter(len(starts) * [0])):
            return False
    return True


def _over(cap: int, counts: Counter) -> bool:
    return cap != -1 and any(count > cap for count in counts.values())


def _too_close(one: list[datetime], other: list[datetime], rest_days: int) -> bool:
    gap = min(abs((a - b).days) for a in one for b in other)
    return gap == 0 or gap - 1 < rest_days


def _days(asked: problem.Problem, slot: int) -> list[datetime]:
    """The civil days a duty touches, found hour by hour: slots here begin and end on the hour."""
    hours = range(int(asked.slot_start_us[slot]), int(asked.slot_end_us[slot]), 3_600_000_000)
    local = [datetime.fromtimestamp(us // 1_000_000, PARIS) for us in hours]
    return sorted({moment.replace(tzinfo=None, hour=0) for moment in local})


def _worth(asked: problem.Problem, duties: list[tuple[int, int]]) -> tuple[int, ...]:
    seats = [sum(asked.hardness[slot] == hardness for _, slot in duties) for hardness in (1, 2, 3)]
    rows = {
        (int(d), int(s)): (int(w), bool(p))
        for d, s, w, p in zip(
            asked.pair_doctor, asked.pair_slot, asked.pair_wish, asked.pair_published, strict=True
        )
    }
    kept = sum(rows[duty][1] for duty in duties)
    size = asked.published_size
    changes = [] if size is None else [-(size - kept + len(duties) - kept)]
    fairness = 0
    for doctor, participation in enumerate(asked.participation.tolist()):
        load = sum(int(asked.points[slot]) for owner, slot in duties if owner == doctor)
        history = int(asked.history_points[doctor])
        fairness += round(1000 * (history + load) ** 2 / participation)
    return (*seats, *changes, -fairness, sum(rows[duty][0] for duty in duties))
