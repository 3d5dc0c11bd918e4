"""What a condition costs, level by level: solved again, and compared."""

from dataclasses import dataclass, replace

import numpy as np

from scheduler.check import COVERAGE, LESS_IS_BETTER
from scheduler.problem import Limits, Problem
from scheduler.roster import Outcome
from scheduler.solve import solve

EVERY_LEVEL = (*COVERAGE, "changes", "minimums", "fairness", "wishes")

Change = tuple[tuple[str, int], ...]
"""Levels that change and by how much, the most important first; nothing if all stay the same."""


@dataclass(frozen=True, eq=False)
class Priced:
    """The best roster under a condition, what changes by it, and whether that is exact."""

    outcome: Outcome
    change: Change
    proven: bool


def priced(before: Outcome, condition: Problem, limits: Limits | None = None) -> Priced:
    """Solve again under a condition; `before` is the outcome without it, of the same levels."""
    after = solve(condition, limits)
    known = {level.name: level.value for level in before.levels}
    change = tuple(
        (level.name, level.value - known[level.name])
        for level in after.levels
        if level.value != known[level.name]
    )
    return Priced(after, change, before.status == after.status == "optimal")


def held(problem: Problem, doctor: int, slot: int) -> Problem:
    """The same question where the doctor holds the slot, whether he offered it or not."""
    slots = len(problem.slot_ids)
    pairs = problem.pair_doctor * slots + problem.pair_slot
    here = int(np.searchsorted(pairs, doctor * slots + slot))
    if doctor * slots + slot not in pairs:
        problem = replace(
            problem,
            pair_doctor=np.insert(problem.pair_doctor, here, doctor),
            pair_slot=np.insert(problem.pair_slot, here, slot),
            pair_wish=np.insert(problem.pair_wish, here, 0),
            pair_published=np.insert(problem.pair_published, here, False),
            pair_pinned=np.insert(problem.pair_pinned, here, False),
        )
    pinned = problem.pair_pinned.copy()
    pinned[here] = True
    return replace(problem, pair_pinned=pinned)


def losses(change: Change) -> tuple[int, ...]:
    """What a change loses on each level, in their order: the larger, the worse."""
    lost = {name: by if name in LESS_IS_BETTER else -by for name, by in change}
    return tuple(lost.get(name, 0) for name in EVERY_LEVEL)
