"""What a flow says of a roster: the proven best, or a lead to it.

Where the rules are laminar, or nearly, and the duties of each doctor are all worth the same points,
the best roster is a cheapest flow. Elsewhere a flow still proves coverage and changes, which do not
count points, and leaves to another engine what they leave open.
"""

from collections.abc import Callable

from scheduler.check import level_names, recount
from scheduler.flow.branching import best
from scheduler.flow.engine.network import Overflow
from scheduler.flow.graph import HIGH, NAMES, Graph, even, graph
from scheduler.flow.laminar import family
from scheduler.flow.lead import Lead, lead
from scheduler.flow.prices import OutOfSteps, Steps, never
from scheduler.flow.rows import Question, question
from scheduler.flow.sowing import sown
from scheduler.model import Draft
from scheduler.roster import Level, Outcome

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
    try:
        drawn, counting_points = _drawn(asked)
        found = best(drawn, sown(drawn), Steps(most_steps, over))
    except (Overflow, OutOfSteps):
        return None
    if not (counting_points and found.proven):
        return lead(drawn, found, len(NAMES) if counting_points else HIGH.stop)
    roster = drawn.roster(found.flow)
    values = [(name, recount(asked.problem, roster, name)) for name in level_names(asked.problem)]
    return Outcome(roster, tuple(Level(name, it, it, "flow") for name, it in values))


def _drawn(asked: Question) -> tuple[Graph, bool]:
    """The flow, and whether it counts points."""
    sets = family(asked)
    if even(asked):
        try:
            return graph(asked, sets), True
        except Overflow:
            pass
    return graph(asked, sets, counting_points=False), False
