"""What a flow knows of the best roster where it cannot prove it to the end.

A lead is where another engine begins: a roster, what is proven of the levels, and the pairs that
are settled because every roster as good as that one gives them, or none does.

**Settled pairs.** At the prices that prove the bound, the reduced cost of an arc is what the
cheapest cycle through it costs, level by level, and never less than nothing in their order. A
roster that gives a pair the proof does not give costs at least that much more than the bound. If
this is more than the roster found, no roster as good gives the pair.

Where the bound is met the cheapest flows differ by cycles that cost nothing, each of them on arcs
of reduced cost zero along which the flow can still be pushed. So a pair that lies on no such cycle
is given by all of them or by none, whatever its reduced cost.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from scheduler.check import LESS_IS_BETTER, level_names, recount
from scheduler.flow.branching import Found
from scheduler.flow.engine.network import BY_NO_ARC, Flags, Flow, Ints, Network, Small
from scheduler.flow.graph import NAMES, Graph
from scheduler.flow.prices import priced
from scheduler.problem import Problem
from scheduler.roster import Roster


@dataclass(frozen=True, eq=False)
class Lead:
    """Where to go on: no roster that is better than this one is lost by believing it.

    Per pair: whether every roster as good as `roster` gives it (`always`), or none does (`never`).
    Per doctor: how many duties each such roster gives at least, and at most. `bounds`, by level,
    hold with the earlier levels at the values of `roster`.
    """

    roster: Roster
    bounds: dict[str, int]
    always: Flags
    never: Flags
    least_duties: Ints
    most_duties: Ints

    def narrowed(self, problem: Problem) -> Problem:
        """The question that is left: what no such roster gives is taken out of it, what all of them
        give is pinned. Published pairs stay counted in the size."""
        left = ~self.never
        return replace(
            problem,
            pair_doctor=problem.pair_doctor[left],
            pair_slot=problem.pair_slot[left],
            pair_wish=problem.pair_wish[left],
            pair_published=problem.pair_published[left],
            pair_pinned=(problem.pair_pinned | self.always)[left],
        )


def lead(drawn: Graph, found: Found, levels: int) -> Lead:
    """What is known of the first so many levels, those that the flow counts."""
    roster = drawn.roster(found.flow)
    given, empty = _settled(drawn, found)
    always, never = np.zeros_like(drawn.asked.open), ~(drawn.asked.open | drawn.asked.kept)
    always[drawn.pair], never[drawn.pair] = given[: drawn.pair.size], empty[: drawn.pair.size]
    duty = drawn.pair.size + drawn.child.size + np.arange(drawn.doctor.size)
    doctors, owner = len(drawn.asked.problem.rpps), drawn.asked.problem.pair_doctor
    held = np.bincount(owner[drawn.asked.kept], minlength=doctors)
    return Lead(
        roster,
        dict(_bounds(drawn, found, roster, levels)),
        always,
        never,
        held + np.bincount(drawn.doctor[given[duty]], minlength=doctors),
        held + np.bincount(drawn.doctor[~empty[duty]], minlength=doctors),
    )


def _bounds(drawn: Graph, found: Found, roster: Roster, levels: int) -> Iterator[tuple[str, int]]:
    """Level after level, until one is not proven."""
    problem = drawn.asked.problem
    known = level_names(problem)
    proof = zip(NAMES, found.value, found.bound, strict=True)
    for name, value, bound in islice(proof, levels):
        if name in known:
            short = 0 if found.proven else value - bound
            better = -short if name in LESS_IS_BETTER else short
            yield name, recount(problem, roster, name) + better
        if value != bound and not found.proven:
            return


def _settled(drawn: Graph, found: Found) -> tuple[Flags, Flags]:
    """Per arc that carries one at most: whether it always does, or never."""
    dear, flow = priced(drawn, found.prices), found.proof
    reduced, gap = _reduced(dear, flow), np.subtract(found.value, found.bound)
    if not _proves(dear.network, found, reduced):
        nothing = np.zeros(dear.network.arcs, np.bool_)
        return nothing, nothing
    full = flow.amount == dear.network.upper
    settled = _above(np.where(full, -reduced, reduced), gap)
    if not gap.any():
        free: Flags = np.logical_not(np.logical_or.reduce(reduced != 0, axis=0))
        settled |= ~_movable(dear.network, flow, free)
    return settled & (flow.amount > 0), settled & (flow.amount == 0)


def _proves(network: Network, found: Found, reduced: Ints) -> bool:
    """Whether the prices prove the bound, level before level: those of rows are not below zero, and
    no arc could carry more or less to advantage."""
    nothing, flow = np.zeros(len(reduced), np.int64), found.proof
    more, less = flow.amount < network.upper, flow.amount > network.lower
    gains = (more & _above(-reduced, nothing)) | (less & _above(reduced, nothing))
    return not (gains.any() or _above(-found.prices, nothing).any())


def _reduced(drawn: Graph, flow: Flow) -> Ints:
    """``[level, arc]``: what one unit more on an arc costs, once all else gives way.

    The price of a node is what the way up the tree to the root costs, found by doubling the ways.
    """
    network, root = drawn.network, drawn.network.nodes - 1
    arc = flow.basis.arc
    upwards = network.tail[arc] == np.arange(root)
    above = np.where(upwards, network.head[arc], network.tail[arc])
    up = np.append(np.where(arc == BY_NO_ARC, root, above), root)
    price = np.zeros((len(drawn.levels), root + 1), np.int64)
    price[:, :root] = np.where(arc == BY_NO_ARC, 0, np.where(upwards, -1, 1) * drawn.levels[:, arc])
    while (up != root).any():
        price += price[:, up]
        up = up[up]
    return drawn.levels + price[:, network.tail] - price[:, network.head]


def _above(cost: Ints, gap: Ints) -> Flags:
    """Per column: whether it is more than the gap, level before level."""
    above, equal = np.zeros(cost.shape[1], np.bool_), np.ones(cost.shape[1], np.bool_)
    for own, beyond in zip(cost, gap, strict=True):
        above |= equal & (own > beyond)
        equal &= own == beyond
    return above


def _movable(network: Network, flow: Flow, free: Flags) -> Flags:
    """The arcs on a cycle of free arcs along which the flow can be pushed."""
    group = _cyclic(network, flow, free)
    movable: Flags = free & (group[network.tail] == group[network.head])
    return movable


def _cyclic(network: Network, flow: Flow, free: Flags) -> Small:
    """Groups of nodes within which the flow can be pushed around on these arcs."""
    more, less = free & (flow.amount < network.upper), free & (flow.amount > network.lower)
    tail = np.concatenate((network.tail[more], network.head[less]))
    head = np.concatenate((network.head[more], network.tail[less]))
    ways = coo_array((np.ones(tail.size), (tail, head)), shape=(network.nodes, network.nodes))
    return connected_components(ways, connection="strong")[1]
