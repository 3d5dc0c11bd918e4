"""Keeps households together at the optimum, with a proof or an honest gap.

The flow in places is a bound: it may split a household between doctors. Three attempts follow,
each exact in what it claims:

1. *Near columns.* The flow's prices say what each unused arc would cost; only arcs within a few
   seconds of the optimum are offered to an integer programme. If its answer ties the flow on every
   level but the last, and loses on the last no more than the arcs left out would cost, no
   arc left out can be part of a better answer: proven optimal.
2. *Every column*, level after level, when there are few enough.
3. *Few columns*, level after level: feasible, the flow's value standing as the bound.
"""

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from matcher.flow import Flow
from matcher.folding import Fold
from matcher.levels import Level, levels
from matcher.problem import Flags, Ints
from matcher.programme import Effort, Exhausted, Programme, Solved, minimise, write

NEAR_SECONDS = (*range(11), 15, 20, 30, 45, 60, 90, 120, 180, 300)
"""Arcs offered in turn: those that cost at most so many seconds a place more than the optimum.

Too few arcs are refused in no time, many take long: hence small steps."""

SECOND_TRY_SECONDS = 120
"""An answer that loses more than that is not worth proving with all the arcs it would take..."""

FEW_COLUMNS = 20_000
"""...unless the whole programme is small."""

MANY_ARCS = 2_000_000
"""From that size on (200,000 patients at as many addresses), only the last attempt is made."""

SPLIT_SECONDS, OTHER_SECONDS = 120, 3
"""Seconds a place beyond the optimum of the arcs that the last attempt offers, in groups that the
flow splits and in the others."""


@dataclass(frozen=True)
class Whole:
    """Units of each type given to each doctor, and whether nothing better is possible."""

    given: dict[int, list[tuple[int, int]]]
    """Of each household type: (doctor, households)."""
    singles: dict[int, list[tuple[int, int]]]
    """Of each group: (doctor, persons alone)."""
    left_out: Ints
    """Units of each type without doctor."""
    proven: bool


def keep_together(fold: Fold, places: Ints, flow: Flow, effort: Effort) -> Whole:
    """An answer in whole units, as good as can be proven within the effort."""
    if all(each.size == 1 for each in fold.types):
        return _as_it_flows(fold, flow)
    for attempt in (_near_columns, _every_column):
        with suppress(Exhausted):
            if (found := attempt(fold, places, flow, effort)) is not None:
                return found
    return _few_columns(fold, places, flow, effort)


def _as_it_flows(fold: Fold, flow: Flow) -> Whole:
    carrying = np.flatnonzero(flow.pair)
    singles = _by_first(fold.group_of_arc[carrying], fold.doctor[carrying], flow.pair[carrying])
    return Whole({}, singles, flow.unmatched, proven=True)


def _by_first(key: Ints, doctor: Ints, units: Ints) -> dict[int, list[tuple[int, int]]]:
    shared: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for first, second, number in zip(key.tolist(), doctor.tolist(), units.tolist(), strict=True):
        shared[first].append((second, number))
    return dict(shared)


def _near_columns(fold: Fold, places: Ints, flow: Flow, effort: Effort) -> Whole | None:
    """Try more and more arcs until one set suffices; None where the upper levels lose something."""
    if fold.doctor.size > MANY_ARCS:
        return None
    for seconds in NEAR_SECONDS:
        near = _try_near(fold, places, flow, effort, seconds)
        if near is None:
            continue
        if near.gap is None:
            return None
        small = fold.doctor.size <= FEW_COLUMNS
        if seconds < near.gap and (small or near.gap <= SECOND_TRY_SECONDS):
            near = _try_near(fold, places, flow, effort, near.gap) or near
        return _whole(fold, near.programme, near.x, proven=near.proven)
    return None


@dataclass(frozen=True)
class _Near:
    """An answer over near arcs, and what it loses on the last level (None: on an upper one)."""

    programme: Programme
    x: Ints
    gap: int | None
    """Seconds, rounded up."""
    proven: bool


def _try_near(fold: Fold, places: Ints, flow: Flow, effort: Effort, seconds: int) -> _Near | None:
    last = flow.prices[-1]
    limit = seconds * fold.scale * last.stage.weights[-1]
    programme = write(fold, places, on_the_face(flow) & (last.pair <= limit))
    low, high = _locked(programme, flow, limit)
    columns = programme.columns
    cost = columns.spread(last.pair, last.unmatched, last.segment)
    cost[low == high] = 0
    solved = minimise(programme, cost, effort, low=low, high=high)
    if solved is None:
        return None
    goals = levels(fold, columns.capacity.size)
    *upper, lost = [value(programme, goal, solved.x) - flow.values[goal.name] for goal in goals]
    gap = None if any(upper) else -(-lost // fold.scale)
    return _Near(programme, solved.x, gap, solved.proven and gap is not None and gap <= seconds)


def on_the_face(flow: Flow) -> Flags:
    """Arcs that an optimum of every stage but the last may use."""
    face = np.ones(flow.pair.size, np.bool_)
    for prices in flow.prices[:-1]:
        face &= prices.pair == 0
    return face


def _locked(programme: Programme, flow: Flow, limit: int) -> tuple[Ints, Ints]:
    """Bounds that keep the upper stages at their optimum and the last within ``limit``."""
    columns = programme.columns
    low, high = np.zeros_like(programme.upper), programme.upper.copy()
    for prices in flow.prices:
        slack = limit if prices is flow.prices[-1] else 0
        cost = columns.spread(np.zeros_like(prices.pair), prices.unmatched, prices.segment)
        open_ = low < high
        high = np.where(open_ & (cost > slack), low, high)
        low = np.where(open_ & (cost < -slack), high, low)
    return low, high


def _every_column(fold: Fold, places: Ints, flow: Flow, effort: Effort) -> Whole | None:
    if fold.doctor.size > FEW_COLUMNS:
        return None
    programme = write(fold, places, np.ones(fold.doctor.size, np.bool_))
    if programme.upper.size > FEW_COLUMNS:
        return None
    x, proven = _level_by_level(fold, programme, effort, flow)
    return _whole(fold, programme, x, proven=proven) if proven else None


def _few_columns(fold: Fold, places: Ints, flow: Flow, effort: Effort) -> Whole:
    """A good answer where a proof is out of reach.

    Groups that the flow splits keep many arcs open, the others those that cost next to nothing.
    """
    carrying = flow.pair > 0
    group = fold.group_of_arc
    arcs_used = np.bincount(group[carrying], minlength=fold.supply.size)
    kinds = np.array([each.group for each in fold.types])
    np.add.at(arcs_used, kinds[flow.unmatched > 0], 1)
    allowed = carrying | (_within(fold, flow, SPLIT_SECONDS) & (arcs_used[group] > 1))
    allowed |= _within(fold, flow, OTHER_SECONDS)
    programme = write(fold, places, allowed)
    x, _ = _level_by_level(fold, programme, effort, flow)
    return _whole(fold, programme, x, proven=False)


def _within(fold: Fold, flow: Flow, seconds: int) -> Flags:
    """Arcs on the face of the upper stages that cost at most ``seconds`` more a place."""
    last = flow.prices[-1]
    return on_the_face(flow) & (last.pair <= seconds * fold.scale * last.stage.weights[-1])


def _level_by_level(
    fold: Fold, programme: Programme, effort: Effort, flow: Flow
) -> tuple[Ints, bool]:
    """Minimise each level in turn, the earlier ones held at their value.

    Begins after the longest run of levels that can all equal the flow: those are proven.
    """
    goals = levels(fold, programme.columns.capacity.size)
    costs = [programme.columns.spread(goal.pair, goal.unmatched, goal.segment) for goal in goals]
    targets = [(cost, flow.values[goal.name]) for cost, goal in zip(costs, goals, strict=True)]
    x, held, proven = _nobody(programme), list[tuple[Ints, int]](), True
    for met in range(len(goals) - 1, 0, -1):
        solved = _attempt(programme, costs[met], effort, targets[:met])
        if solved is not None:
            x, proven = solved.x, solved.proven
            held = [*targets[:met], (costs[met], int(costs[met] @ x))]
            break
    for cost in costs[len(held) :]:
        solved = _attempt(programme, cost, effort, held)
        proven &= solved is not None and solved.proven
        if solved is not None and int(cost @ solved.x) <= int(cost @ x):
            x = solved.x
        held = [*held, (cost, int(cost @ x))]
    return x, proven


def _attempt(
    programme: Programme, cost: Ints, effort: Effort, held: list[tuple[Ints, int]]
) -> Solved | None:
    """A solution of least cost, or None if there is none or the effort is spent."""
    with suppress(Exhausted):
        return minimise(programme, cost, effort, at_most=held)
    return None


def _nobody(programme: Programme) -> Ints:
    """The solution that leaves everybody without doctor: always feasible."""
    columns = programme.columns
    given = columns.single_arc.size + columns.household_arc.size
    return np.concatenate(
        [np.zeros(given, np.int64), columns.count, np.zeros_like(columns.capacity)]
    )


def value(programme: Programme, goal: Level, x: Ints) -> int:
    """Exact value of a level, scaled like the flow's."""
    cost = programme.columns.spread(goal.pair, goal.unmatched, goal.segment)
    return int(cost @ x)


def _whole(fold: Fold, programme: Programme, x: Ints, *, proven: bool) -> Whole:
    columns = programme.columns
    single, household, out, _ = columns.split(x)
    used, placed = np.flatnonzero(single), np.flatnonzero(household)
    arc, together = columns.single_arc[used], columns.household_arc[placed]
    return Whole(
        _by_first(columns.household_type[placed], fold.doctor[together], household[placed]),
        _by_first(fold.group_of_arc[arc], fold.doctor[arc], single[used]),
        out,
        proven,
    )
