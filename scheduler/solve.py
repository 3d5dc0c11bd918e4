"""Solve level after level: each one to its proven best, then fixed before the next.

A flow is asked first. Where it does not prove the whole roster, HiGHS goes on from what it proved,
in floating point. It is not believed: its answer is rounded to duties, every level is recounted in
whole numbers, its bound is rounded to the safe side, and a level is proven only where they meet.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, floor, inf, isfinite, prod
from typing import TypeAlias

import numpy as np

from scheduler.check import COVERAGE, check, recount
from scheduler.drafting import drafted
from scheduler.flow.engine.simplex import pending
from scheduler.flow.lead import Lead
from scheduler.flow.plan import plan
from scheduler.goals import Goal, goals, programme
from scheduler.holdings import within
from scheduler.model import Draft
from scheduler.problem import Floats, Integers, Limits, Problem
from scheduler.programme import Programme, Reply
from scheduler.roster import Level, Outcome, Prover, Roster
from scheduler.start import completed

Progress: TypeAlias = Callable[[str, float], None]
"""Called with the name of the level that begins and the share of the levels already done."""
Near: TypeAlias = Callable[[float], tuple[Programme, Goal] | None]
"""The rosters within a distance of a relaxation, and fairness as these say it."""
Clock: TypeAlias = Callable[[], float]
"""Seconds from any origin, never going back."""

COMPILE, FLOW = "compile", "flow"
"""The phases before those of the levels; the first only where nothing has been compiled yet."""
TRUST = 0.05
"""A bound is rounded towards the better value by a whole unit if it is this close to it."""
LARGEST_WEIGHT = 100_000
STEP, FARTHER = 0.0005, 8
"""How far from its relaxation the fairest roster is looked for first, in parts of its value; then
so many times as far, again and again."""
MARGIN = 1.0
"""Kept on the careful side of a distance between costs, in their unit: rounding is far below."""


def solve(
    problem: Problem,
    limits: Limits | None = None,
    progress: Progress | None = None,
    *,
    flow: bool = True,
    clock: Clock = time.monotonic,
) -> Outcome:
    """The best roster: seats by hardness, changes, minimums, fairness, wishes, in that order.

    A shortage is a hole, never an error. Out of time, the best roster found is returned with the
    bounds known. Without the `flow` HiGHS does everything: the same values, more slowly.
    Raises check.Disagreement if the recount contradicts the engines.
    """
    limits, tell = limits or Limits(), progress or (lambda _phase, _share: None)
    end, draft = clock() + limits.seconds, drafted(problem)
    if flow:
        tell(COMPILE if pending() else FLOW, 0.0)
    known = plan(draft, over=lambda: clock() > end) if flow else None
    if isinstance(known, Outcome):
        outcome = known
    else:
        left = draft if known is None else drafted(known.narrowed(problem))
        outcome = _Search(left, known, limits.seed, lambda: end - clock(), tell).outcome()
    check(problem, outcome)
    tell("done", 1.0)
    return outcome


@dataclass(eq=False)
class _Search:
    """The best roster found so far, what is left to decide, and the time left to do it.

    `bounds` are those that the lead tells, and those that solving another level has proven on the
    way, each with who proved it.
    """

    draft: Draft
    lead: Lead | None
    seed: int
    remaining: Callable[[], float]
    tell: Progress
    over: bool = False

    def __post_init__(self) -> None:
        self.problem = self.draft.problem
        self.programme = programme(self.draft)
        self.goals = goals(self.draft, self.programme)
        self.bounds: dict[str, tuple[int, Prover]] = {}
        self.found = completed(self.draft)
        if self.lead is not None:
            self.bounds = {name: (worth, "flow") for name, worth in self.lead.bounds.items()}
            self._follow(self.lead)
            self.found = max(self.lead.roster, self.found, key=self._worth)

    def _follow(self, lead: Lead) -> None:
        """Leave out the loads that no roster as good as the lead gives to a doctor whose duties are
        all worth the same: his increments are then his duties one by one."""
        owner, points = self.problem.pair_doctor, self.problem.points[self.problem.pair_slot]
        burdens = next(goal.burdens for goal in self.goals if goal.burdens is not None)
        for doctor in range(len(burdens.loads)):
            own = burdens.columns[burdens.begin[doctor] : burdens.begin[doctor + 1]]
            if len(np.unique(points[owner == doctor])) == 1:
                self.programme.lower[own[: lead.least_duties[doctor]]] = 1.0
                self.programme.upper[own[lead.most_duties[doctor] :]] = 0.0

    def outcome(self) -> Outcome:
        """Every level in its order."""
        levels = []
        for done, goal in enumerate(self.goals):
            self.tell(goal.name, done / len(self.goals))
            if self._level(goal).gap and not self.over:
                self._improve(goal, self.goals[done + 1 :])
            level = self._level(goal)
            if level.gap:
                self._end(goal)
                level = self._level(goal)
            self.goals[done].fix(self.programme, level.value)
            levels.append(level)
        return Outcome(self.found, tuple(levels))

    def _level(self, goal: Goal) -> Level:
        value = recount(self.problem, self.found, goal.name)
        bound, prover = self.bounds.get(goal.name, (goal.certain, "bound"))
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
            self._know(goal, left // weight)
            level = self._level(goal)
            if level.gap:
                return
            left -= weight * level.value

    def _share_out(self, goal: Goal, wishes: Goal) -> None:
        """Fairness, and wishes on the way.

        The relaxation says what rosters near its value look like. Very often some roster has this
        very value: it is as fair as can be, and wishes are all that is left to ask. Otherwise the
        fairest roster is looked for, farther and farther away.
        """
        relaxed = self._relaxed(self.programme, goal.weight)
        if relaxed.reduced_costs is None:
            return
        least = ceil(relaxed.bound - TRUST)
        self._learn(goal, least)
        near = partial(within, self.draft, self.programme, goal, relaxed.reduced_costs)
        distance = least - relaxed.bound + MARGIN
        fairest, fair = near(distance) or (self.programme, goal)
        fair.fix(fairest, self._level(goal).bound)
        self._ask(fairest, wishes, share=0.5)
        if self._level(goal).gap:
            self.bounds.pop(wishes.name, None)
            self._fairest(goal, relaxed, near)
        reached = (self._level(goal).value - goal.offset) // goal.factor
        self.programme, fair = near(reached - relaxed.bound + MARGIN) or (self.programme, goal)
        self.goals[self.goals.index(goal)] = fair

    def _fairest(self, goal: Goal, relaxed: Reply, near: Near) -> None:
        """Look for the fairest roster within a distance of the relaxation, then farther away; no
        farther than the fairest one known."""
        distance = STEP * max(relaxed.bound, 1.0)
        while self._level(goal).gap and self.remaining() > 0:
            known = (self._level(goal).value - goal.offset) // goal.factor - relaxed.bound
            distance = min(distance, known + MARGIN)
            found = near(distance)
            if found is None:
                self._search(self.programme, goal)
                return
            self._search(*found, beyond=floor(relaxed.bound + distance - MARGIN) + 1)
            if distance > known:
                return
            distance *= FARTHER

    def _ask(self, programme: Programme, goal: Goal, share: float = 1.0) -> None:
        """The best roster of this level; the relaxation alone proves one that meets it."""
        relaxed = self._relaxed(programme, goal.aim, share)
        if relaxed.reduced_costs is None:
            return
        self._learn(goal, ceil(relaxed.bound - TRUST))
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
        self._know(goal, goal.offset + goal.factor * (-least if goal.maximise else least))

    def _know(self, goal: Goal, worth: int) -> None:
        """HiGHS has proven a bound; it is of use if it is nearer than the one known."""
        known = self._level(goal).bound
        if (worth < known) if goal.maximise else (worth > known):
            self.bounds[goal.name] = worth, "highs"

    def _relaxed(self, programme: Programme, aim: Integers, share: float = 1.0) -> Reply:
        return programme.relaxed(aim, self._limits(share))

    def _reply(self, programme: Programme, aim: Integers, share: float = 1.0) -> Reply:
        """Ask HiGHS, and keep what it found if that is the best roster so far."""
        reply = programme.best(aim, self._limits(share), self._hint())
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
        return Limits(max(share * self.remaining(), 1e-9), self.seed)

    def _hint(self) -> Floats:
        """The roster found, as columns."""
        slots = max(len(self.problem.slot_ids), 1)
        taken = self.found.doctor * slots + self.found.slot
        pairs = self.problem.pair_doctor * slots + self.problem.pair_slot
        return np.isin(pairs, taken).astype(np.float64)

    def _end(self, goal: Goal) -> None:
        """Ask nothing more after a level without a proof, but leave no seat that can be given."""
        self.over = True
        if goal.name in COVERAGE:
            self.found = completed(self.draft, self.found)


def _rounded_up(bound: float) -> int:
    """A bound from above as a whole number, a large one if there is none."""
    return floor(bound + TRUST) if isfinite(bound) else LARGEST_WEIGHT**2
