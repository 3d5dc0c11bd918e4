"""The levels of the objective, in their order, as weights of the columns of a programme.

Every weight is a whole number. Fairness is convex in a doctor's load, so it is written as
increments between the loads he can reach: each is dearer than the one before, and the solver
takes the cheap ones first without being told.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import gcd

import numpy as np

from scheduler.model import Draft
from scheduler.problem import HARDNESSES, NO_CAP, Integers
from scheduler.programme import Programme, Rows


@dataclass(frozen=True, eq=False)
class Burdens:
    """Fairness as increments: the loads that each doctor can reach, lowest first, what each costs,
    and the columns that climb from one to the next.

    Those of doctor d are `columns[begin[d]:begin[d + 1]]`; `rows` tie them to his duties.
    """

    loads: list[Integers]
    costs: list[Integers]
    columns: Integers
    begin: Integers
    rows: Rows


@dataclass(frozen=True, eq=False)
class Goal:
    """One level: `offset + factor * (sum of weight * column)`, to be made large or small.

    `weight` may be shorter than the programme: later columns weigh nothing. `certain` is a bound
    of the level that needs no solver; `full` are rows that say the same slot by slot, once it is
    reached. `slack` forgives rounding of large weights when the level is fixed; it is below one.
    Fairness knows its `burdens`.
    """

    name: str
    maximise: bool
    weight: Integers
    certain: int
    offset: int = 0
    factor: int = 1
    slack: float = 0.0
    full: Rows | None = None
    burdens: Burdens | None = None

    @property
    def aim(self) -> Integers:
        """The weights, to be made small."""
        return -self.weight if self.maximise else self.weight

    def fix(self, programme: Programme, value: int) -> None:
        """Allow nothing worse than this value from now on."""
        share = (value - self.offset) // self.factor
        if self.full is not None and value == self.certain:
            programme.rows.append(self.full)
        elif self.maximise:
            programme.row(self.weight, share - self.slack, np.inf)
        else:
            programme.row(self.weight, -np.inf, share + self.slack)


def goals(draft: Draft, programme: Programme) -> list[Goal]:
    """The levels that `check.level_names` names, columns of their own being added."""
    problem = draft.problem
    made = [_seats(draft, hardness) for hardness in HARDNESSES]
    if problem.published_size is not None:
        made.append(_changes(draft))
    if problem.min_per_period.any():
        made.append(_minimums(draft, programme))
    return [*made, _fairness(draft, programme), _wishes(draft)]


def programme(draft: Draft) -> Programme:
    """The hard rules alone: one whole column per pair."""
    limit = draft.every_limit()
    least = np.full(len(limit.most), -np.inf)
    rows = Rows(limit.row, limit.pair, limit.weight, least, limit.most)
    lower, upper = draft.least.astype(np.float64), draft.most.astype(np.float64)
    return Programme(lower, upper, np.ones(len(lower), np.bool_), [rows])


def _seats(draft: Draft, hardness: int) -> Goal:
    problem = draft.problem
    slot = problem.pair_slot
    chosen = np.flatnonzero((problem.hardness[slot] == hardness) & (draft.most > 0))
    offers = np.bincount(slot[chosen], minlength=len(problem.slot_ids))
    most = np.minimum(offers, problem.doctors_needed)
    used, row = np.unique(slot[chosen], return_inverse=True)
    full = Rows(row, chosen, np.ones_like(row), most[used], np.full(len(used), np.inf))
    weight = np.bincount(chosen, minlength=len(slot))
    return Goal(f"filled_{hardness}", True, weight, int(most.sum()), full=full)


def _changes(draft: Draft) -> Goal:
    """Published pairs dropped plus pairs added."""
    published, size = draft.problem.pair_published, draft.problem.published_size or 0
    certain = size - int((published & (draft.most > 0)).sum())
    return Goal("changes", False, np.where(published, -1, 1), certain, offset=size)


def _minimums(draft: Draft, programme: Programme) -> Goal:
    """Duties that doctors lack to their minimum: one column each, as large as it must be."""
    problem = draft.problem
    doctors, owner = len(problem.rpps), problem.pair_doctor
    lacking = programme.columns(problem.min_per_period)
    everybody = np.arange(doctors)
    row, column = (
        np.concatenate((owner, everybody)),
        np.concatenate((np.arange(len(owner)), lacking)),
    )
    programme.rows.append(
        Rows(row, column, np.ones_like(row), problem.min_per_period, np.full(doctors, np.inf))
    )
    weight = np.bincount(lacking, minlength=len(programme.lower))
    certain = int((problem.min_per_period - _most_duties(draft)).clip(min=0).sum())
    return Goal("minimums", False, weight, certain)


def _wishes(draft: Draft) -> Goal:
    problem = draft.problem
    slot, wish = problem.pair_slot, problem.pair_wish
    order = np.lexsort((-wish, slot))
    rank = np.arange(len(order)) - np.searchsorted(slot[order], slot[order])
    seated = rank < problem.doctors_needed[slot[order]]
    return Goal("wishes", True, wish, int(wish[order][seated].clip(min=0).sum()))


def _fairness(draft: Draft, programme: Programme) -> Goal:
    problem = draft.problem
    points, most = problem.points[problem.pair_slot], _most_duties(draft)
    begin = np.searchsorted(problem.pair_doctor, np.arange(len(problem.rpps) + 1))
    own = [slice(*ends) for ends in pairwise(begin)]
    reach = [_reachable_loads(points[it], int(n)) for it, n in zip(own, most, strict=True)]
    costs = [_burdens(draft, doctor, loads) for doctor, loads in enumerate(reach)]
    steps = np.concatenate([np.diff(loads) for loads in reach] or [np.empty(0, np.int64)])
    rises = np.concatenate([np.diff(cost) for cost in costs] or [np.empty(0, np.int64)])
    columns = programme.columns(np.ones(len(steps)))
    size = np.array([len(loads) - 1 for loads in reach], np.int64)
    owner = np.repeat(np.arange(len(reach)), size)
    rows = Rows(
        np.concatenate((problem.pair_doctor, owner)),
        np.concatenate((np.arange(len(points)), columns)),
        np.concatenate((points, -steps)),
        np.zeros(len(reach)),
        np.zeros(len(reach)),
    )
    programme.rows.append(rows)
    unit, offset = gcd(*rises.tolist()) or 1, sum(int(cost[0]) for cost in costs)
    weight = np.zeros(len(programme.lower), np.int64)
    weight[columns] = rises // unit
    burdens = Burdens(reach, costs, columns, np.concatenate(([0], np.cumsum(size))), rows)
    return Goal("fairness", False, weight, offset, offset, factor=unit, slack=0.5, burdens=burdens)


def _burdens(draft: Draft, doctor: int, loads: Integers) -> Integers:
    """What each load of a doctor costs."""
    history = draft.problem.history_points[doctor]
    exact = 1000 * (history + loads) ** 2 / draft.problem.participation[doctor]
    costs: Integers = np.round(exact).astype(np.int64)
    return costs


def _most_duties(draft: Draft) -> Integers:
    """What each doctor can take at most by his offers and the cap of the period."""
    caps = draft.problem.max_per_period
    offers = np.bincount(draft.problem.pair_doctor, draft.most, minlength=len(caps)).astype(
        np.int64
    )
    return np.where(caps == NO_CAP, offers, np.minimum(caps, offers))


def _reachable_loads(points: Integers, most: int) -> Integers:
    """Loads that some `most` or fewer of these duties add up to, in order."""
    heaviest = int(np.sort(points)[::-1][:most].sum())
    fewest = np.full(heaviest + 1, most + 1)
    fewest[0] = 0
    for point, count in zip(*np.unique(points[points > 0], return_counts=True), strict=True):
        # One, two, four ... of them at once: together they make every number up to `count`.
        while count > 0:
            pack = 1 << (int(count + 1).bit_length() - 2)
            weight = int(point) * pack
            if weight <= heaviest:
                later = fewest[weight:]
                np.minimum(later, fewest[: heaviest + 1 - weight] + pack, out=later)
            count -= pack
    return np.flatnonzero(fewest <= most)
