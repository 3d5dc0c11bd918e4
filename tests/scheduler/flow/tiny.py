"""Instances so small that every roster can be tried, with every rule in play.

Points are the same for all duties of a doctor. What is tried is judged by the plain halves of the
rules and by the recount, of which the flow knows nothing.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume
from hypothesis import strategies as st

from scheduler import check, records
from scheduler.problem import Problem, Terms
from scheduler.records import Doctor, Offer, Slot
from scheduler.roster import Roster, roster
from scheduler.rules import RULES

PARIS = ZoneInfo("Europe/Paris")
FIRST_DAY = datetime(2027, 1, 27, tzinfo=PARIS)
"""A Wednesday: the week after its own is cut by a month."""
HOURS = ((18, 20), (20, 24), (9, 13), (20, 32))
MOST_PAIRS = 11

TERMS = (
    Terms(),
    Terms(),
    Terms(rest_days=0),
    Terms(rest_days=2),
    Terms(rest_days=0, min_gap_seconds=7200),
    Terms(indemnity_ceiling_cents=500, ceiling_refuses=True),
)
caps = st.sampled_from((None, None, 0, 1, 1, 2))


@st.composite
def tiny(draw: st.DrawFn) -> Problem:
    worth = draw(st.integers(0, 3))
    slots = [_slot(draw, row, worth) for row in range(draw(st.integers(1, 6)))]
    doctors = [_doctor(draw, row) for row in range(draw(st.integers(1, 3)))]
    pairs = [(doctor.rpps, slot.slot_id) for doctor in doctors for slot in slots]
    offered = [pair for pair in pairs if draw(st.integers(0, 4))][:MOST_PAIRS]
    some = st.sets(st.sampled_from([*pairs, ("9", "gone")]), max_size=4)
    try:
        return records.from_records(
            slots,
            doctors,
            [Offer(*pair, draw(st.integers(-2, 2))) for pair in offered],
            terms=draw(st.sampled_from(TERMS)),
            published=draw(st.none() | some),
            pinned=draw(st.sets(st.sampled_from(pairs), max_size=1)),
            forbidden=draw(st.sets(st.sampled_from(pairs), max_size=1)),
            travel_seconds={("a", "b"): 7200, ("b", "a"): 3600},
        )
    except records.Contradiction:
        assume(False)
        raise


def _slot(draw: st.DrawFn, row: int, points: int) -> Slot:
    begin, end = draw(st.sampled_from(HOURS))
    day = FIRST_DAY + timedelta(days=draw(st.integers(0, 9)))
    return Slot(
        slot_id=f"s{row}",
        start=day + timedelta(hours=begin),
        end=day + timedelta(hours=end),
        doctors_needed=draw(st.integers(0, 2)),
        hardness=draw(st.integers(1, 3)),
        points=points,
        site=draw(st.sampled_from(("a", "a", "b"))),
        indemnity_cents=draw(st.sampled_from((150, 150, 200))),
    )


def _doctor(draw: st.DrawFn, row: int) -> Doctor:
    return Doctor(
        rpps=f"d{row}",
        participation=draw(st.sampled_from((1.0, 0.5, 0.64, 0.3))),
        max_per_week=draw(caps),
        max_per_month=draw(caps),
        max_per_period=draw(caps),
        min_per_period=draw(st.sampled_from((0, 0, 0, 1, 3))),
        history_points=draw(st.integers(0, 6)),
        licence_until=draw(st.sampled_from((None, None, date(2027, 2, 1)))),
    )


def best_by_trying_everything(asked: Problem) -> tuple[int, ...]:
    """The best vector of levels, each counted so that more is better."""
    return max(worth(asked, held) for held in rosters(asked))


def rosters(asked: Problem) -> Iterator[Roster]:
    """Every roster that keeps every rule: duties too many stay too many, so those are cut short."""
    pairs = list(zip(asked.pair_doctor.tolist(), asked.pair_slot.tolist(), strict=True))
    tried: list[list[tuple[int, int]]] = [[]]
    for pair in pairs:
        longer = [[*duties, pair] for duties in tried]
        tried += [duties for duties in longer if _bearable(asked, roster(duties))]
    yield from (held for held in map(roster, tried) if not check.breaches(asked, held))


def _bearable(asked: Problem, held: Roster) -> bool:
    return not any(any(rule.breaches(asked, held)) for rule in RULES if rule.limits)


def worth(asked: Problem, held: Roster) -> tuple[int, ...]:
    """The levels in their order, each counted so that more is better."""
    return tuple(
        check.recount(asked, held, name) * (-1 if name in check.LESS_IS_BETTER else 1)
        for name in check.level_names(asked)
    )
