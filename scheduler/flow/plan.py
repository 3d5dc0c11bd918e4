"""What a flow says of a roster: the proven best, or a lead to it.

Where the rules are laminar, or nearly, and the duties of each doctor are all worth the same points,
the best roster is a cheapest flow. Elsewhere a flow still proves coverage and changes, which do not
count points, and leaves to another engine what they leave open.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from scheduler.check import level_names, recount
from scheduler.flow.branching import best
from scheduler.flow.engine.network import Overflow
from scheduler.flow.graph import HIGH, NAMES, Graph, even, graph
from scheduler.flow.laminar import Family, family
from scheduler.flow.lead import Lead, lead
from scheduler.flow.prices import OutOfSteps, Steps, never
from scheduler.flow.rows import Question, question
from scheduler.flow.sowing import sown
from scheduler.model import Draft
from scheduler.roster import Level, Outcome, Roster

MOST_STEPS = 600
"""Flows that may be solved for one roster."""


def plan(
    draft: Draft, most_steps: int = MOST_STEPS, over: Callable[[], bool] = never
) -> Outcome | Lead | None:
    """The best roster, proven on every level; or a lead; None where a flow has nothing to say.

    A flow begins only while time is not `over`.
    """
    asked = question(draft)
    if asked is None:
        return None
    sets, steps = family(asked), Steps(most_steps, over)
    try:
        drawn, counting_points = _drawn(asked, sets)
        found = best(drawn, sown(drawn), steps)
    except (Overflow, OutOfSteps):
        return None
    if not counting_points:
        known = lead(drawn, found, HIGH.stop)
        return replace(known, roster=_fairer(asked, sets, known.roster, steps))
    if not found.proven:
        return lead(drawn, found, len(NAMES))
    roster = drawn.roster(found.flow)
    values = [(name, recount(asked.problem, roster, name)) for name in level_names(asked.problem)]
    return Outcome(roster, tuple(Level(name, it, it, "flow") for name, it in values))


def _drawn(asked: Question, sets: Family) -> tuple[Graph, bool]:
    """The flow, and whether it counts points."""
    if even(asked):
        try:
            return graph(asked, sets), True
        except Overflow:
            pass
    return graph(asked, sets, counting_points=False), False


def _fairer(asked: Question, sets: Family, known: Roster, steps: Steps) -> Roster:
    """Another roster as good in coverage and changes, if there is one that shares points out: best
    as if each duty were worth what they are worth on average. It is only where others begin."""
    problem = asked.problem
    mean = max(round(float(problem.points.mean())), 1) if problem.points.size else 1
    rough = replace(problem, points=np.full_like(problem.points, mean))
    try:
        drawn = graph(replace(asked, problem=rough), sets)
        roster = drawn.roster(best(drawn, sown(drawn), steps, rounds=1).flow)
    except (Overflow, OutOfSteps):
        return known
    levels = [name for name in NAMES[HIGH] if name in level_names(problem)]
    as_good = all(recount(problem, known, it) == recount(problem, roster, it) for it in levels)
    return roster if as_good else known
