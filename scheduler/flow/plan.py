"""The roster by a flow, wherever its rules are laminar or nearly, and points are uniform.

`planned` answers a question, `replanned` answers it again after pairs are lost, from where the
former answer stands. Both prove what they find, or say that they cannot.
"""

from dataclasses import dataclass, replace

import numpy as np

from scheduler.check import level_names, recount
from scheduler.flow.branching import Found, best
from scheduler.flow.engine.network import Basis, Flags, Overflow
from scheduler.flow.graph import Graph, asked_of, graph
from scheduler.flow.laminar import family
from scheduler.flow.prices import Unproven
from scheduler.flow.rows import question
from scheduler.flow.sowing import sown
from scheduler.model import begun
from scheduler.problem import Pairs, Problem
from scheduler.roster import Level, Outcome, Roster
from scheduler.rules import RULES

MOST_STEPS = 600
"""Flows that may be solved to prove one roster."""


@dataclass(frozen=True, eq=False)
class Plan:
    """A proven roster, and the flow it was read from."""

    drawn: Graph
    found: Found

    @property
    def problem(self) -> Problem:
        return self.drawn.asked.problem

    @property
    def pairs(self) -> Flags:
        """Per pair: whether it is given."""
        given = np.zeros(self.drawn.asked.open.size, np.bool_)
        given[self.drawn.given(self.found.flow)] = True
        return given

    @property
    def roster(self) -> Roster:
        pairs = self.pairs
        return Roster(self.problem.pair_doctor[pairs], self.problem.pair_slot[pairs])

    def outcome(self) -> Outcome:
        """The answer, every level recounted."""
        roster = self.roster
        values = [(name, recount(self.problem, roster, name)) for name in level_names(self.problem)]
        return Outcome(roster, tuple(Level(name, it, it, "flow") for name, it in values))


def solve(problem: Problem, most_steps: int = MOST_STEPS) -> Outcome | None:
    """The best roster, proven on every level; None where a flow cannot say, or cannot prove it."""
    plan = planned(problem, most_steps)
    return None if plan is None else plan.outcome()


def planned(problem: Problem, most_steps: int = MOST_STEPS) -> Plan | None:
    """The best roster with the flow it was read from; None as in `solve`."""
    draft = begun(problem)
    for rule in RULES:
        rule.constrain(draft)
    asked = question(draft)
    if asked is None:
        return None
    try:
        drawn = graph(asked, family(asked))
    except Overflow:
        return None
    return None if drawn is None else _plan(drawn, sown(drawn), most_steps)


def replanned(plan: Plan, lost: Flags, most_steps: int = MOST_STEPS) -> Plan | None:
    """The best roster without the pairs that are lost: after coverage, fewest changes to the plan.

    The problem of the answer has the plan as its published roster and the lost pairs forbidden.
    Pinned pairs cannot be lost.
    """
    former, given = plan.problem, plan.pairs
    forbidden = (former.forbidden.doctor, former.forbidden.slot)
    gone = np.stack((former.pair_doctor[lost], former.pair_slot[lost]))
    never = np.unique(np.concatenate((forbidden, gone), axis=1), axis=1)
    problem = replace(
        former,
        forbidden=Pairs(never[0].copy(), never[1].copy()),
        pair_published=given,
        published_size=int(given.sum()),
    )
    try:
        drawn = asked_of(plan.drawn, problem)
    except Overflow:
        return None
    upper = drawn.network.upper.copy()
    upper[: drawn.pair.size][lost[drawn.pair]] = 0
    drawn = replace(drawn, network=replace(drawn.network, upper=upper))
    return _plan(drawn, plan.found.flow.basis, most_steps)


def _plan(drawn: Graph, start: Basis, most_steps: int) -> Plan | None:
    try:
        return Plan(drawn, best(drawn, start, most_steps))
    except (Overflow, Unproven):
        return None
