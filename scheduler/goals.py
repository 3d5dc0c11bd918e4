"""The levels of the objective, in their order, as linear expressions of the draft.

Every coefficient is a whole number. Fairness is convex in a doctor's load, so it is written as
increments between the loads he can reach: each is dearer than the one before, and the solver
takes the cheap ones first without being told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import gcd

import numpy as np
from ortools.math_opt.python import mathopt

from scheduler.model import Draft
from scheduler.problem import HARDNESSES, Problem

LARGEST_WEIGHT = 100_000


@dataclass(frozen=True, eq=False)
class Goal:
    """One level: `offset + factor * expression`, the expression to be made large or small.

    `aim` is what the solver is given: `weight * expression` plus less than one `weight` of later
    levels. `certain` is a bound of the level that needs no solver. `slack` forgives rounding
    of large coefficients when the level is fixed; it is below one unit.
    """

    name: str
    maximise: bool
    expression: mathopt.LinearBase
    aim: mathopt.LinearBase
    certain: int
    offset: int = 0
    factor: int = 1
    weight: int = 1
    slack: float = 0.0

    def better(self, one: int, other: int) -> bool:
        """Whether a value of this level is strictly better than another."""
        return one > other if self.maximise else one < other

    def fix(self, draft: Draft, value: int) -> None:
        """Allow nothing worse than this value from now on."""
        share = (value - self.offset) // self.factor
        if self.maximise:
            draft.model.add_linear_constraint(self.expression >= share - self.slack)
        else:
            draft.model.add_linear_constraint(self.expression <= share + self.slack)


def goals(draft: Draft) -> list[Goal]:
    """Seats by hardness, changes if a roster is published, fairness, wishes."""
    changes = [] if draft.problem.published_size is None else [_changes(draft)]
    return [*_coverage(draft), *changes, _fairness(draft), _wishes(draft)]


def _coverage(draft: Draft) -> list[Goal]:
    own = [_seats(draft, hardness) for hardness in HARDNESSES]
    aims = [own[-1]]
    for goal in reversed(own[:-1]):
        # One seat of this hardness outweighs all the seats of the easier ones together.
        weight = aims[0].weight * (aims[0].certain + 1)
        heavy = weight > LARGEST_WEIGHT
        aim = goal.expression if heavy else weight * goal.expression + aims[0].aim
        aims.insert(0, replace(goal, aim=aim, weight=1 if heavy else weight))
    return aims


def _seats(draft: Draft, hardness: int) -> Goal:
    problem = draft.problem
    chosen = problem.hardness[problem.pair_slot] == hardness
    seats = mathopt.fast_sum([draft.taken[row] for row in np.flatnonzero(chosen)])
    offers = np.bincount(problem.pair_slot[chosen], minlength=len(problem.slot_ids))
    certain = int(np.minimum(offers, problem.doctors_needed).sum())
    return Goal(f"filled_{hardness}", True, seats, seats, certain)


def _changes(draft: Draft) -> Goal:
    """Published pairs dropped plus pairs added, the seats filled being fixed before."""
    published = draft.problem.pair_published
    size = draft.problem.published_size or 0
    added = _weighted(draft, np.where(published, -1, 1))
    certain = size - int(published.sum())
    return Goal("changes", False, added, added, certain, offset=size)


def _wishes(draft: Draft) -> Goal:
    problem = draft.problem
    wishes = _weighted(draft, problem.pair_wish)
    best = [
        np.sort(problem.pair_wish[problem.pair_slot == slot])[::-1][:needed].clip(min=0).sum()
        for slot, needed in enumerate(problem.doctors_needed)
    ]
    return Goal("wishes", True, wishes, wishes, int(sum(best)))


def _fairness(draft: Draft) -> Goal:
    problem = draft.problem
    steps: list[mathopt.Variable] = []
    costs: list[int] = []
    for doctor, rows in draft.pairs_by_doctor():
        points = problem.points[problem.pair_slot[rows]].tolist()
        reach = _reachable_loads(points, _most_duties(problem, doctor, len(rows)))
        own = [draft.model.add_variable(lb=0, ub=1) for _ in reach[1:]]
        load = mathopt.fast_sum([p * draft.taken[row] for p, row in zip(points, rows, strict=True)])
        filled = mathopt.fast_sum(
            [(b - a) * step for (a, b), step in zip(pairwise(reach), own, strict=True)]
        )
        draft.model.add_linear_constraint(load == filled)
        steps += own
        costs += [b - a for a, b in pairwise(_costs(problem, doctor, reach))]
    unit = gcd(*costs) or 1
    total = mathopt.fast_sum([cost // unit * step for cost, step in zip(costs, steps, strict=True)])
    offset = sum(_costs(problem, doctor, [0])[0] for doctor in range(len(problem.rpps)))
    return Goal("fairness", False, total, total, offset, offset=offset, factor=unit, slack=0.5)


def _costs(problem: Problem, doctor: int, loads: Sequence[int]) -> list[int]:
    history = int(problem.history_points[doctor])
    participation = float(problem.participation[doctor])
    return [round(1000 * (history + load) ** 2 / participation) for load in loads]


def _reachable_loads(points: Sequence[int], most: int) -> list[int]:
    """Loads that some `most` or fewer of these duties add up to."""
    fewest: dict[int, int] = {0: 0}
    for point in sorted(points):
        for load, duties in sorted(fewest.items(), reverse=True):
            if duties < most and duties + 1 < fewest.get(load + point, most + 1):
                fewest[load + point] = duties + 1
    return sorted(fewest)


def _most_duties(problem: Problem, doctor: int, offers: int) -> int:
    cap = int(problem.max_per_period[doctor])
    return offers if cap < 0 else min(cap, offers)


def _weighted(draft: Draft, weights: np.ndarray) -> mathopt.LinearBase:
    rows = np.flatnonzero(weights)
    return mathopt.fast_sum([int(weights[row]) * draft.taken[row] for row in rows])
