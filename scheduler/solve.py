"""Solve level after level: each one to its proven best, then fixed before the next.

The solver is HiGHS, in floating point. It is not believed: its answer is rounded to duties, every
level is recounted in whole numbers, its bound is rounded to the safe side, and a level is proven
only where the two meet.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, floor, inf, isfinite, prod
from typing import TypeAlias

import numpy as np

from scheduler.check import COVERAGE, check, recount
from scheduler.goals import Goal, goals, programme
from scheduler.model import Draft, begun
from scheduler.problem import Floats, Integers, Limits, Problem
from scheduler.programme import Programme, Reply
from scheduler.roster import Level, Outcome, Prover, Roster
from scheduler.rules import RULES
from scheduler.start import completed

Progress: TypeAlias = Callable[[str, float], None]
"""Called with the name of the level that begins and the share of the levels already done."""
Engine: TypeAlias = Callable[[Problem], Outcome | None]
"""Another way to the same answer, for the problems it knows; None where it cannot prove it."""

ENGINES: tuple[Engine, ...] = ()
"""Asked in this order before HiGHS."""

TRUST = 0.05
"""A bound is rounded towards the better value by a whole unit if it is this close to it."""
LARGEST_WEIGHT = 100_000
FAR = (0, 4)
"""How many units farther than the relaxation rosters are looked for, before everywhere."""
MARGIN = 1.0
"""Kept on the careful side of a distance between costs, in their unit: rounding is far below."""


def solve(
    problem: Problem,
    limits: Limits | None = None,
    progress: Progress | None = None,
    *,
    engines: Sequence[Engine] = ENGINES,
) -> Outcome:
    """The best roster: seats by hardness, changes, minimums, fairness, wishes, in that order.

    A shortage is a hole, never an error. Out of time, the best roster found is returned with the
    bounds known. Raises check.Disagreement if the recount contradicts the solver.
    """
    tell = progress or (lambda _phase, _share: None)
    outcome = next(filter(None, (engine(problem) for engine in engines)), None)
    outcome = outcome or _Search(drafted(problem), limits or Limits(), tell).outcome()
    check(problem, outcome)
    tell("done", 1.0)
    return outcome


def drafted(problem: Problem) -> Draft:
    """Every hard rule, before any goal."""
    draft = begun(problem)
    for rule in RULES:
        rule.constrain(draft)
    return draft


@dataclass(eq=False)
class _Search:
    """The best roster found so far, what is left to decide, and the time left to do it.

    `bounds` are those that solving another level has proven on the way.
    """

    draft: Draft
    limits: Limits
    tell: Progress

    def __post_init__(self) -> None:
        self.problem, self.seconds_left = self.draft.problem, self.limits.seconds
        self.programme = programme(self.draft)
        self.goals = goals(self.draft, self.programme)
        self.found = completed(self.draft)
        self.bounds: dict[str, int] = {}

    def outcome(self) -> Outcome:
        """Every level in its order."""
        levels = []
        for done, goal in enumerate(self.goals):
            self.tell(goal.name, done / len(self.goals))
            if self._level(goal).gap and self.seconds_left > 0:
                self._improve(goal, self.goals[done + 1 :])
            level = self._level(goal)
            if level.gap:
                self._end(goal)
                level = self._level(goal)
            goal.fix(self.programme, level.value)
            levels.append(level)
        return Outcome(self.found, tuple(levels))

    def _level(self, goal: Goal) -> Level:
        value = recount(self.problem, self.found, goal.name)
        bound = self.bounds.get(goal.name, goal.certain)
        prover: Prover = "highs" if goal.name in self.bounds else "bound"
        return Level(goal.name, value, bound, prover if value == bound else "")

    def _improve(self, goal: Goal, later: Sequence[Goal]) -> None:
        if goal.name in COVERAGE:
            self._cover([goal, *(it for it in later if it.name in COVERAGE)])
        elif goal.name == "fairness":
            self._share_out(goal, later[0])
        else:
            self._ask(self.programme, goal)

    def _cover(self, seats: Sequence[Goal]) -> None:
        """Fill seats of several hardnesses at once: one of the first outweighs all the others."""
        weights = [prod(it.certain + 1 for it in seats[at + 1 :]) for at in range(len(seats))]
        if weights[0] > LARGEST_WEIGHT:
            self._ask(self.programme, seats[0])
            return
        aim = np.array(weights) @ np.stack([it.weight for it in seats])
        left = _rounded_up(-self._reply(self.programme, -aim).bound)
        for weight, goal in zip(weights, seats, strict=True):
            self.bounds[goal.name] = min(left // weight, goal.certain)
            level = self._level(goal)
            if level.gap:
                return
            left -= weight * level.value

    def _share_out(self, goal: Goal, wishes: Goal) -> None:
        """Fairness, and wishes on the way.

        The relaxation says which columns no roster of its own value moves. Very often some roster
        has this value: it is as fair as can be, and wishes are all that is left to ask. Otherwise
        the fairest roster is looked for, and its rosters keep nearly as many columns.
        """
        relaxed = self._relaxed(self.programme, goal.weight)
        if relaxed.reduced_costs is None:
            return
        least = ceil(relaxed.bound - TRUST)
        self._learn(goal, least)
        narrow = partial(self.programme.narrowed, relaxed.reduced_costs)
        fairest = narrow(least - relaxed.bound + MARGIN)
        goal.fix(fairest, self.bounds[goal.name])
        self._ask(fairest, wishes, share=0.5)
        if self._level(goal).gap:
            self.bounds.pop(wishes.name, None)
            self._search(self.programme, goal)
        reached = (self._level(goal).value - goal.offset) // goal.factor
        self.programme = narrow(reached - relaxed.bound + MARGIN)

    def _ask(self, programme: Programme, goal: Goal, share: float = 1.0) -> None:
        """The best roster of this level, looked for near the relaxation first.

        Among rosters worth at most `far` units more than the relaxation some columns never move:
        without them the search is short. What it does not find is worth a unit more than that.
        """
        relaxed = self._relaxed(programme, goal.aim, share)
        if relaxed.reduced_costs is None:
            return
        least = ceil(relaxed.bound - TRUST)
        self._learn(goal, least)
        for far in FAR:
            if not self._level(goal).gap:
                return
            distance = least + far - relaxed.bound + TRUST
            near = programme.narrowed(relaxed.reduced_costs, distance)
            self._search(near, goal, least + far + 1, share)
        if self._level(goal).gap:
            self._search(programme, goal, share=share)

    def _search(
        self, programme: Programme, goal: Goal, beyond: float = inf, share: float = 1.0
    ) -> None:
        """Look for a roster better in this level, and for a bound of it, given that rosters not in
        the programme cost `beyond` or more."""
        reply = self._reply(programme, goal.aim, share)
        bound = inf if reply.impossible else reply.bound
        bound = min(ceil(bound - TRUST) if isfinite(bound) else bound, beyond)
        if isfinite(bound):
            self._learn(goal, int(bound))

    def _learn(self, goal: Goal, least: int) -> None:
        """The aim of this level cannot be less than this."""
        worth = goal.offset + goal.factor * (-least if goal.maximise else least)
        nearest = min if goal.maximise else max
        self.bounds[goal.name] = nearest(self.bounds.get(goal.name, goal.certain), worth)

    def _relaxed(self, programme: Programme, aim: Integers, share: float = 1.0) -> Reply:
        reply = programme.relaxed(aim, self._limits(share))
        self.seconds_left -= reply.seconds
        return reply

    def _reply(self, programme: Programme, aim: Integers, share: float = 1.0) -> Reply:
        """Ask HiGHS, and keep what it found if that is the best roster so far."""
        reply = programme.best(aim, self._limits(share), self._hint())
        self.seconds_left -= reply.seconds
        if reply.values is not None:
            rows = np.flatnonzero(np.round(reply.values[: len(self.draft.most)]) == 1)
            other = Roster(self.problem.pair_doctor[rows], self.problem.pair_slot[rows])
            self.found = max(self.found, other, key=self._worth)
        return reply

    def _worth(self, roster: Roster) -> tuple[int, ...]:
        """The levels in their order, all so that more is better."""
        values = ((it, recount(self.problem, roster, it.name)) for it in self.goals)
        return tuple(value if goal.maximise else -value for goal, value in values)

    def _limits(self, share: float = 1.0) -> Limits:
        return Limits(max(share * self.seconds_left, 1e-9), self.limits.seed)

    def _hint(self) -> Floats:
        """The roster found, as columns."""
        slots = max(len(self.problem.slot_ids), 1)
        taken = self.found.doctor * slots + self.found.slot
        pairs = self.problem.pair_doctor * slots + self.problem.pair_slot
        return np.isin(pairs, taken).astype(np.float64)

    def _end(self, goal: Goal) -> None:
        """Ask nothing more after a level without a proof, but leave no seat that can be given."""
        self.seconds_left = 0.0
        if goal.name in COVERAGE:
            self.found = completed(self.draft, self.found)


def _rounded_up(bound: float) -> int:
    """A bound from above as a whole number, a large one if there is none."""
    return floor(bound + TRUST) if isfinite(bound) else LARGEST_WEIGHT**2
