"""The folded flow by a network simplex of our own: no list of arcs, compiled, warm-started.

A primal network simplex with strongly feasible trees (Cunningham 1976), and what this problem lends
itself to: arcs from groups to doctors are never written down (those outside the tree carry
nothing), arcs to the sink are convex, rows are priced from the nearest doctor outwards.
"""

import numpy as np

from matcher import compiled
from matcher.engine import layout, planting, pricing, tiles
from matcher.network import Basis, Costs, Flow, Network
from matcher.progress import Watch


def solve(
    network: Network,
    costs: Costs,
    *,
    start: Basis | None = None,
    watch: Watch | None = None,
    apart: int | None = None,
) -> Flow:
    """The optimum, with the prices that prove it and the basis it ends with.

    ``start`` may be any basis of as many groups and doctors; without one, nobody has a doctor yet.
    ``watch`` is told the share of the work done; whatever it raises stops the solve. ``apart`` is the
    number of tiles to settle apart first; unless told, large networks without a start are cut.
    """
    if apart is None:
        apart = tiles.worthwhile(network) if start is None else 0
    table, forest = layout.lay_out(network, costs, tiles=apart)
    layout.hang(network, forest.nodes, start)
    before = tiles.settle(network, table, forest, apart, watch) if apart else 0
    root = network.groups + network.doctors
    order = np.arange(root, dtype=np.int32)
    planting.plant(table, forest, network.supply, order, root)
    for pivots in pricing.passes(table, forest, order, root):
        if watch is not None:
            watch(pricing.share(before + pivots, root))
    return layout.read(network, forest)


def pending() -> bool:
    """Whether the first solve will have to compile the engine (under half a minute, once)."""
    return compiled.pending(pricing.sweep) or compiled.pending(planting.grow)
