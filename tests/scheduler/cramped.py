"""Instances so small and crowded that every rule bites, and their answer by trying everything.

The counting here is written from the statement of the rules alone: no line of it is borrowed.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import combinations, permutations, product
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import strategies as st

from scheduler import problem, records
from scheduler.records import Authorisation, Doctor, Offer, Replacement, Slot

PARIS = ZoneInfo("Europe/Paris")
PARTICIPATIONS = (1.0, 0.5, 0.64, 0.3)
FIRST_DAYS = (datetime(2027, 1, 27, tzinfo=PARIS), datetime(2026, 12, 28, tzinfo=PARIS))
HOURS = ((18, 20), (18, 24), (9, 13), (12, 19), (20, 32), (0, 24))

caps = st.sampled_from((None, None, 0, 1, 2))


@st.composite
def cramped(draw: st.DrawFn, most_doctors: int = 4, most_slots: int = 5) -> problem.Problem:
    """Caps, rest and a published roster, and nothing else."""
    first = draw(st.sampled_from(FIRST_DAYS))
    slots = [_slot(draw, row, first) for row in range(draw(st.integers(1, most_slots)))]
    doctors = [_doctor(draw, row) for row in range(draw(st.integers(1, most_doctors)))]
    offers = _offers(draw, slots, doctors)
    return records.from_records(
        slots,
        doctors,
        offers,
        published=_published(draw, slots, doctors),
        terms=problem.Terms(rest_days=draw(st.integers(0, 2))),
    )


@st.composite
def crowded_with_rules(draw: st.DrawFn) -> problem.Problem:
    """The same with every other rule: sites, locums, replacements, pins, money, minimums."""
    first = draw(st.sampled_from(FIRST_DAYS))
    slots = [
        replace(
            _slot(draw, row, first, last_day=3),
            site=draw(st.sampled_from("AB")),
            departement=draw(st.sampled_from(("57", "54", ""))),
            doctors_needed=draw(st.integers(1, 2)),
            indemnity_cents=draw(st.integers(0, 2)),
        )
        for row in range(draw(st.integers(1, 5)))
    ]
    doctors = [_locum(draw, row, first) for row in range(draw(st.integers(1, 3)))]
    ceiling = draw(st.sampled_from((None, None, 4)))
    asked = partial(
        records.from_records,
        slots,
        doctors,
        _offers(draw, slots, doctors),
        published=_published(draw, slots, doctors),
        forbidden=draw(_some_of(slots, doctors, 2)),
        travel_seconds={
            ("A", "B"): draw(st.sampled_from((0, 18_000, 18_001, 40_000))),
            ("B", "A"): 40_000,
        },
        terms=replace(
            draw(st.sampled_from(RESTS)), indemnity_ceiling_cents=ceiling, ceiling_refuses=True
        ),
    )
    try:
        return asked(pinned=draw(_some_of(slots, doctors, 2)))
    except records.Contradiction:
        return asked()


@st.composite
def on_the_way(draw: st.DrawFn) -> problem.Problem:
    """One day between three sites, for two doctors who would take everything."""
    slots = [
        replace(_slot(draw, row, FIRST_DAYS[0], last_day=0), site=site, doctors_needed=1)
        for row, site in enumerate(draw(st.lists(st.sampled_from("ABC"), min_size=3, max_size=5)))
    ]
    ways = st.sampled_from((3_600, 18_000, 18_001))
    return records.from_records(
        slots,
        [Doctor("a"), Doctor("b")],
        [Offer(rpps, slot.slot_id, draw(st.integers(-2, 2))) for rpps in "ab" for slot in slots],
        travel_seconds={(one, other): draw(ways) for one, other in permutations("ABC", 2)},
        terms=problem.Terms(rest_days=0, min_gap_seconds=draw(st.sampled_from((0, 3_600)))),
    )


RESTS = (
    problem.Terms(rest_days=0),
    problem.Terms(rest_days=1),
    problem.Terms(rest_days=0, min_gap_seconds=0),
    problem.Terms(rest_days=0, min_gap_seconds=1),
    problem.Terms(rest_days=0, min_gap_seconds=18_000),
)


def _offers(draw: st.DrawFn, slots: list[Slot], doctors: list[Doctor]) -> list[Offer]:
    pairs = [(doctor.rpps, slot.slot_id) for doctor in doctors for slot in slots]
    offered = [pair for pair in pairs if draw(st.integers(0, 3))]
    free = st.integers(0, 5).map(lambda rare: rare == 5)
    return [Offer(rpps, slot, draw(st.integers(-2, 2)), draw(free)) for rpps, slot in offered]


def _some_of(
    slots: list[Slot], doctors: list[Doctor], most: int
) -> st.SearchStrategy[set[tuple[str, str]]]:
    pairs = [(doctor.rpps, slot.slot_id) for doctor in doctors for slot in slots]
    return st.sets(st.sampled_from(pairs), max_size=most)


def _published(
    draw: st.DrawFn, slots: list[Slot], doctors: list[Doctor]
) -> set[tuple[str, str]] | None:
    pairs = [(doctor.rpps, slot.slot_id) for doctor in doctors for slot in slots]
    return draw(st.none() | st.sets(st.sampled_from([*pairs, ("9", "gone")]), max_size=5))


def _slot(draw: st.DrawFn, row: int, first: datetime, last_day: int = 9) -> Slot:
    begin, end = draw(st.sampled_from(HOURS))
    day = first + timedelta(days=draw(st.integers(0, last_day)))
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


def seldom(strategy: st.SearchStrategy) -> st.SearchStrategy:
    """None most of the time: with every rule in force nobody would ever be on duty."""
    return st.integers(0, 3).flatmap(lambda rare: strategy if rare == 3 else st.none())


def _locum(draw: st.DrawFn, row: int, first: datetime) -> Doctor:
    day = st.integers(0, 11).map(lambda ahead: first.date() + timedelta(days=ahead))
    days = st.tuples(day, day).map(sorted)
    held = [
        Authorisation(draw(st.sampled_from(("57", "54"))), *draw(days))
        for _ in range(draw(st.integers(0, 3)))
    ]
    return replace(
        _doctor(draw, row),
        min_per_period=draw(st.integers(0, 3)),
        max_per_week=draw(seldom(st.integers(0, 2))),
        max_per_month=draw(seldom(st.integers(0, 2))),
        max_per_period=draw(seldom(st.integers(0, 3))),
        indemnity_so_far_cents=draw(st.integers(0, 3)),
        licence_until=draw(seldom(day)),
        authorisations=draw(seldom(st.just(tuple(held)))),
        replaced=draw(seldom(days.map(lambda two: (Replacement(*two),)))) or (),
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
    """Whether everybody keeps every rule, day by day and hour by hour."""
    forbidden = zip(asked.forbidden.doctor, asked.forbidden.slot, strict=True)
    return (
        set(asked.pins()) <= set(duties)
        and not set(duties) & {(int(doctor), int(slot)) for doctor, slot in forbidden}
        and all(_may(asked, doctor, slot) for doctor, slot in duties)
        and all(_keeps(asked, doctor, duties) for doctor in range(len(asked.rpps)))
    )


def _keeps(asked: problem.Problem, doctor: int, duties: list[tuple[int, int]]) -> bool:
    """Whether the duties of one doctor go together."""
    slots = [slot for owner, slot in duties if owner == doctor]
    free = {s for d, s in zip(asked.waived.doctor, asked.waived.slot, strict=True) if d == doctor}
    if not all(
        _go_together(asked, *sorted(two, key=_start(asked)), rested=not free & set(two))
        for two in combinations(slots, 2)
    ):
        return False
    starts = [_days(asked, slot)[0] for slot in slots]
    weeks = Counter(day.isocalendar()[:2] for day in starts)
    months = Counter((day.year, day.month) for day in starts)
    return not (
        _over(asked.max_per_week[doctor], weeks)
        or _over(asked.max_per_month[doctor], months)
        or _over(asked.max_per_period[doctor], Counter(len(starts) * [0]))
        or _too_rich(asked, doctor, slots)
    )


def _start(asked: problem.Problem) -> Callable[[int], int]:
    return lambda slot: int(asked.slot_start_us[slot])


def _go_together(asked: problem.Problem, early: int, late: int, *, rested: bool) -> bool:
    pause = (int(asked.slot_start_us[late]) - int(asked.slot_end_us[early])) // 1_000_000
    way = int(asked.travel_seconds[asked.slot_site[early], asked.slot_site[late]])
    if pause < way:
        return False
    if not rested:
        return True
    gap = asked.terms.min_gap_seconds
    if gap is not None:
        return pause >= gap
    return not _too_close(_days(asked, early), _days(asked, late), asked.terms.rest_days)


def _may(asked: problem.Problem, doctor: int, slot: int) -> bool:
    """Whether this doctor may work on every day of this slot."""
    days = [day.toordinal() for day in _days(asked, slot)]
    away, held = asked.replacements, asked.authorisations
    for row in np.flatnonzero(away.doctor == doctor):
        if any(away.first_day[row] <= day <= away.last_day[row] for day in days):
            return False
    if 0 <= asked.licence_until[doctor] < max(days):
        return False
    if not asked.needs_authorisation[doctor]:
        return True
    free = set()
    for row in np.flatnonzero(held.doctor == doctor):
        if asked.slot_departement[slot] in (-1, held.departement[row]):
            free.update(range(held.first_day[row], held.last_day[row] + 1))
    return set(days) <= free


def _too_rich(asked: problem.Problem, doctor: int, slots: list[int]) -> bool:
    ceiling = asked.terms.indemnity_ceiling_cents
    if ceiling is None:
        return False
    first_year = min(_days(asked, slot)[0].year for slot in range(len(asked.slot_ids)))
    paid = [slot for slot in slots if asked.indemnity_cents[slot]]
    money = Counter({first_year: int(asked.indemnity_so_far_cents[doctor])} if paid else {})
    years = {_days(asked, slot)[0].year for slot in paid}
    for slot in paid:
        money[_days(asked, slot)[0].year] += int(asked.indemnity_cents[slot])
    return any(money[year] > ceiling for year in years)


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
    least = asked.min_per_period.tolist()
    held = Counter(owner for owner, _ in duties)
    lacking = [-sum(max(0, wanted - held[at]) for at, wanted in enumerate(least))]
    fairness = 0
    for doctor, participation in enumerate(asked.participation.tolist()):
        load = sum(int(asked.points[slot]) for owner, slot in duties if owner == doctor)
        history = int(asked.history_points[doctor])
        fairness += round(1000 * (history + load) ** 2 / participation)
    return (
        *seats,
        *changes,
        *(lacking if any(least) else ()),
        -fairness,
        sum(rows[duty][0] for duty in duties),
    )
