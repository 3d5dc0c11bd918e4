"""The folded flow by a network simplex of our own: no list of arcs, compiled, warm-started.

A primal network simplex with strongly feasible trees (Cunningham 1976), and what this problem lends
itself to: arcs from groups to doctors are never written down (those outside the tree carry
nothing), arcs to the sink are convex, rows are priced from the nearest doctor outwards.
"""

from collections.abc import Iterator

import compilation
from matcher.engine import layout, passes, planting
from matcher.engine.layout import Arcs
from matcher.engine.pricing import FURTHER
from matcher.engine.tree import Tree
from matcher.network import Basis, Costs, Flow, Network
from matcher.progress import Watch


def solve(
    network: Network, costs: Costs, *, start: Basis | None = None, watch: Watch | None = None
) -> Flow:
    """The optimum, with the prices that prove it and the basis it ends with.

    ``start`` may be any basis of as many groups and doctors; without one, nobody has a doctor yet.
    ``watch`` is told the share of the work done, which is a guess: it grows ever slower. Whatever
    it raises stops the solve.
    """
    arcs = layout.arcs(network, costs, start)
    tree = layout.seeds(network, costs)
    layout.hang(network, tree.nodes, start)
    for pivots in _pivots(arcs, tree, start):
        if watch is not None:
            watch(pivots / (pivots + tree.nodes.size))
    return layout.read(arcs, tree)


def _pivots(arcs: Arcs, tree: Tree, start: Basis | None) -> Iterator[int]:
    """Make the tree optimal; tells from time to time the pivots done so far."""
    before = 0
    if start is None:
        for before in _without_latecomers(arcs, tree):
            yield before
    planting.plant(arcs.table, tree, arcs.network.supply)
    for pivots in passes.passes(arcs.table, tree, start):
        yield before + pivots


def _without_latecomers(arcs: Arcs, tree: Tree) -> Iterator[int]:
    """Give near doctors to the classes that there are places for.

    The others would come and then have to leave again: without them it takes far fewer pivots.
    """
    network, costs = arcs.network, arcs.costs
    later = layout.latecomers(network, costs)
    if not later.any():
        return
    layout.set_stay(tree, costs, later)
    planting.plant(arcs.table, tree, network.supply)
    yield from passes.passes(arcs.table, tree, None, widest=FURTHER)
    layout.set_stay(tree, costs)


def pending() -> bool:
    """Whether the first solve will have to compile the engine (under half a minute, once)."""
    return compilation.pending(passes.sweep) or compilation.pending(planting.grow)
