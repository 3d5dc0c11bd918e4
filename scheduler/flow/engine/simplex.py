"""The primal network simplex with strongly feasible trees (Cunningham 1976), compiled.

Arcs are priced in blocks, round and round: the best arc of a block enters the tree. A whole round
in which no arc would lower the cost is the proof of the optimum.
"""

from math import isqrt

import numpy as np

import compilation
from compilation import lean
from scheduler.flow.engine.network import (
    BY_NO_ARC,
    LARGEST,
    Basis,
    Flow,
    Infeasible,
    Network,
    Overflow,
    longest_way,
)
from scheduler.flow.engine.planting import BASIC, EMPTY, FULL, States, grow, plant
from scheduler.flow.engine.tree import Link, Records, Tree, push, rehang

SMALLEST_BLOCK = 40
NOBODY = -1
BEYOND = 2**62
"""More than any flow."""


def solve(network: Network, start: Basis | None = None) -> Flow:
    """The cheapest flow, with the prices that prove it and the basis it ends with.

    ``start`` may be any spanning tree of the same nodes and arcs, whatever their bounds and costs
    have become; it saves time and decides between equally cheap flows, nothing else.
    Raises Overflow if the costs leave no room for prices, Infeasible if no flow fits the bounds.
    """
    longest = longest_way(network, network.high)
    if 4 * max(longest, longest_way(network, network.low)) >= LARGEST:
        raise Overflow("the costs leave no room for prices")
    if (network.lower > network.upper).any():
        raise Infeasible("a lower bound is above the upper one")
    arcs, states, tree = plant(network, start or _nothing(network), 2 * int(longest) + 1)
    pivots = pivot(arcs, states, tree, max(SMALLEST_BLOCK, isqrt(network.arcs) // 2))
    return _read(network, states, tree, pivots)


def pending() -> bool:
    """Whether the first solve will have to compile the engine."""
    return compilation.pending(pivot) or compilation.pending(grow)


def _nothing(network: Network) -> Basis:
    return Basis(np.full(network.nodes - 1, BY_NO_ARC, np.int32), np.zeros(network.arcs, np.bool_))


def _read(network: Network, states: States, tree: Tree, pivots: int) -> Flow:
    nodes = tree.nodes[:-1]
    by_arc = nodes["arc"] != BY_NO_ARC
    if nodes["flow"][~by_arc].any():
        raise Infeasible("no flow within the bounds meets the supplies")
    full = states == FULL
    amount = np.where(full, network.upper, network.lower)
    amount[nodes["arc"][by_arc]] += nodes["flow"][by_arc]
    basis = Basis(nodes["arc"].copy(), full)
    return Flow(amount, tree.nodes["high"].copy(), tree.nodes["low"].copy(), basis, pivots)


@lean
def pivot(arcs: Records, states: States, tree: Tree, block: int) -> int:
    """Pivot until no arc would lower the cost; tells how often."""
    pivots, at, clean = 0, 0, 0
    while clean < arcs.size:
        best, best_high, best_low = NOBODY, 0, 0
        for _ in range(min(block, arcs.size - clean)):
            sign = states[at]
            if sign != BASIC:
                arc = arcs[at]
                p, q = tree.nodes[arc.tail], tree.nodes[arc.head]
                high = sign * (arc.high + p.high - q.high)
                if high <= best_high:
                    low = sign * (arc.low + p.low - q.low)
                    if high < best_high or low < best_low:
                        best, best_high, best_low = at, high, low
            at += 1
            if at == arcs.size:
                at = 0
        clean += block
        if best != NOBODY:
            enter(arcs, states, tree, best, (best_high, best_low))
            pivots += 1
            clean = 0
    return pivots


@lean
def enter(arcs: Records, states: States, tree: Tree, entering: int, rate: tuple[int, int]) -> None:
    """Push round the cycle that an arc closes, as far as it goes; what blocks it last leaves.

    ``p`` and ``q`` are where the pushing enters and leaves the arc; ``rate`` is what it costs. The
    last to block, on the way round from the top of the cycle, leaves: that keeps the tree strongly
    feasible.
    """
    nodes, arc = tree.nodes, arcs[entering]
    forth = states[entering] == EMPTY
    p, q = (arc.tail, arc.head) if forth else (arc.head, arc.tail)
    top, lowest, left_down, highest, left_up = _way_round(tree, p, q)
    amount = min(left_down, arc.room, left_up)
    if amount > 0:
        push(tree, p, top, -amount)
        push(tree, q, top, amount)
    if amount < left_up and amount == arc.room:
        states[entering] = -states[entering]
        return
    upwards = amount == left_up
    leave = highest if upwards else lowest
    node = nodes[leave]
    if node.arc != BY_NO_ARC:
        states[node.arc] = EMPTY if node.flow == 0 else FULL
    states[entering] = BASIC
    flow = amount if forth else arc.room - amount
    if upwards:
        rehang(tree, leave, (q, p), Link(entering, flow, arc.room, not forth), rate)
    else:
        rehang(tree, leave, (p, q), Link(entering, flow, arc.room, forth), (-rate[0], -rate[1]))


@lean
def _way_round(tree: Tree, p: int, q: int) -> tuple[int, int, int, int, int]:
    """The top of the cycle; from there down to ``p`` the lowest node whose arc leaves least room,
    and how much; from ``q`` up the highest one, and how much."""
    nodes = tree.nodes
    lowest, left_down, highest, left_up = NOBODY, BEYOND, NOBODY, BEYOND
    while p != q:
        if nodes[p].depth >= nodes[q].depth:
            node = nodes[p]
            left = node.flow if node.up else node.room - node.flow
            if left < left_down:
                lowest, left_down = p, left
            p = node.parent
        else:
            node = nodes[q]
            left = node.room - node.flow if node.up else node.flow
            if left <= left_up:
                highest, left_up = q, left
            q = node.parent
    return p, lowest, left_down, highest, left_up
