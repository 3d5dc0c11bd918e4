"""The folded flow by a network simplex of our own: no list of arcs, compiled, warm-started.

A primal network simplex with strongly feasible trees (Cunningham 1976), and what this problem lends
itself to: arcs from groups to doctors are never written down (those outside the tree carry
nothing), arcs to the sink are convex, rows are priced from the nearest doctor outwards.
"""

import compilation
from matcher.engine import layout, passes, planting
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
    planting.plant(arcs.table, tree, network.supply)
    for pivots in passes.passes(arcs.table, tree, start):
        if watch is not None:
            watch(pivots / (pivots + tree.nodes.size))
    return layout.read(arcs, tree)


def pending() -> bool:
    """Whether the first solve will have to compile the engine (under half a minute, once)."""
    return compilation.pending(passes.sweep) or compilation.pending(planting.grow)
