"""What all rosters that are best in coverage and changes have in common, whatever points are worth.

Neither level counts points, so a flow of even points proves them where another engine must share
the points out. Two cheapest flows differ by cycles that cost nothing, each of them on arcs of
reduced cost zero along which the flow can still be pushed. A pair that lies on no such cycle is
given by all cheapest flows or by none: that leaves little for the other engine to decide.

All rosters that are best are cheapest flows at the prices that prove them best: they cost
as much there, or they would be better than the proof allows.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from scheduler.flow.branching import best
from scheduler.flow.engine.network import Flags, Flow, Network, Overflow, Small
from scheduler.flow.graph import LOW, Graph, graph, weighed
from scheduler.flow.laminar import family
from scheduler.flow.plan import MOST_STEPS
from scheduler.flow.prices import Unproven, priced
from scheduler.flow.rows import question
from scheduler.flow.sowing import sown
from scheduler.model import begun
from scheduler.problem import Problem
from scheduler.rules import RULES


@dataclass(frozen=True, eq=False)
class Face:
    """Per pair: whether every roster best in coverage and changes gives it, or none does."""

    always: Flags
    never: Flags

    def narrowed(self, problem: Problem) -> Problem:
        """The question that is left: no roster best in coverage and changes is lost.

        Pairs that none of them gives are taken out; published ones stay counted in the size.
        """
        left = ~self.never
        return replace(
            problem,
            pair_doctor=problem.pair_doctor[left],
            pair_slot=problem.pair_slot[left],
            pair_wish=problem.pair_wish[left],
            pair_published=problem.pair_published[left],
            pair_pinned=(problem.pair_pinned | self.always)[left],
        )


def face(problem: Problem, most_steps: int = MOST_STEPS) -> Face | None:
    """What is best in coverage and changes; None where a flow cannot say, or cannot prove it."""
    draft = begun(replace(problem, points=np.ones_like(problem.points)))
    for rule in RULES:
        rule.constrain(draft)
    asked = question(draft)
    if asked is None:
        return None
    try:
        drawn = graph(asked, family(asked))
        return None if drawn is None else _proven(drawn, most_steps)
    except (Overflow, Unproven):
        return None


def _proven(drawn: Graph, most_steps: int) -> Face:
    """Prove the high levels alone, and see what their proof leaves open."""
    levels = drawn.levels.copy()
    levels[LOW] = 0
    drawn = weighed(drawn, levels)
    found = best(drawn, sown(drawn), most_steps)
    if found.bound != found.value:
        raise Unproven
    return _face(priced(drawn, found.prices), found.proof)


def _face(drawn: Graph, flow: Flow) -> Face:
    pairs = drawn.pair.size
    settled, given = _settled(drawn.network, flow)[:pairs], flow.amount[:pairs] > 0
    always, never = np.zeros_like(drawn.asked.open), ~(drawn.asked.open | drawn.asked.kept)
    always[drawn.pair] = settled & given
    never[drawn.pair] = settled & ~given
    return Face(always, never)


def _settled(network: Network, flow: Flow) -> Flags:
    """The arcs that carry the same in every cheapest flow."""
    reduced = network.high + flow.high[network.tail] - flow.high[network.head]
    group = _cyclic(network, flow, reduced == 0)
    settled: Flags = (reduced != 0) | (group[network.tail] != group[network.head])
    return settled


def _cyclic(network: Network, flow: Flow, free: Flags) -> Small:
    """Groups of nodes within which the flow can be pushed around on these arcs."""
    more, less = free & (flow.amount < network.upper), free & (flow.amount > network.lower)
    tail = np.concatenate((network.tail[more], network.head[less]))
    head = np.concatenate((network.head[more], network.tail[less]))
    ways = coo_array((np.ones(tail.size), (tail, head)), shape=(network.nodes, network.nodes))
    return connected_components(ways, connection="strong")[1]
