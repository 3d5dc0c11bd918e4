"""The spanning tree of the network simplex: what hangs on what, in preorder.

Every node but the root hangs on its *parent* by a basic arc: a group or a doctor on the other kind by
the arc between them, or on the root, which is the sink, by one of its own arcs to it. Invariants:

* ``after`` threads the nodes in preorder, a ring through the root, and ``before`` threads them back;
  so the subtree of a node is the run behind it of nodes that are deeper than it.
* ``flow`` is what the arc to the parent carries. An arc that points away from the root (from a
  group to the doctor below it) carries something, and one that points towards the root has room for
  more: the tree is *strongly feasible* (Cunningham 1976), hence the simplex never cycles.
* Arcs to the sink are convex and lie side by side, ``first`` onwards: those before ``spot`` are full,
  those behind it empty. The last one has room for everything.
* The price of the root is zero, and basic arcs have a reduced cost of zero.
"""

import numpy as np
from numpy.typing import NDArray

from matcher.compiled import lean
from matcher.network import Small

Records = NDArray[np.void]

_LONG, _SHORT = ("flow", "arc", "high", "low"), ("parent", "depth", "before", "first", "spot")
NODE = np.dtype(
    {
        "names": [*_LONG, *_SHORT],
        "formats": [np.int64] * len(_LONG) + [np.int32] * len(_SHORT),
        "offsets": [*range(0, 32, 8), *range(32, 52, 4)],
        "itemsize": 64,
    },
)
"""One line of a processor's cache. ``high`` and ``low`` are the price."""

SINK_ARC = np.dtype([("room", np.int64), ("high", np.int64), ("low", np.int64)], align=True)

TO_SINK = -1
"""The ``arc`` of a node that hangs on the root."""


@lean
def join(nodes: Records, p: int, q: int) -> int:
    """The deepest node above both (a node is above itself)."""
    while p != q:
        if nodes[p].depth >= nodes[q].depth:
            p = nodes[p].parent
        else:
            q = nodes[q].parent
    return p


@lean
def push(nodes: Records, groups: int, v: int, top: int, amount: int) -> None:
    """Send so much more from ``v`` up to ``top``: what doctors receive from above gets less."""
    while v != top:
        nodes[v].flow += amount if v < groups else -amount
        v = nodes[v].parent


@lean
def reprice(nodes: Records, after: Small, top: int, rise: tuple[int, int]) -> None:
    """Raise the prices of a whole subtree."""
    level = nodes[top].depth
    v = top
    while True:
        nodes[v].high += rise[0]
        nodes[v].low += rise[1]
        v = after[v]
        if nodes[v].depth <= level:
            break


@lean
def rehang(
    nodes: Records, after: Small, leave: int, link: tuple[int, int, int, int], rise: tuple[int, int]
) -> None:
    """Cut the subtree of ``leave`` off, turn it round and hang it up again by another arc.

    ``link`` is the new arc: the node that now hangs by it, the node it hangs on, its name, its flow.
    The path from the first of them up to ``leave`` is reversed: each node of it, with what hangs on it
    beside the path, comes behind the one that was below it. One walk through the subtree does it
    all: order, depths, and prices.
    """
    v, parent, arc, flow = link
    behind, ahead = after[parent], nodes[leave].before
    last = parent
    inner, past = -1, -1
    while True:
        node = nodes[v]
        level, lift = node.depth, nodes[parent].depth + 1 - node.depth
        after[last], node.before = v, last
        u = v
        while True:
            here = nodes[u]
            here.depth += lift
            here.high += rise[0]
            here.low += rise[1]
            last, u = u, after[u]
            if u == inner:
                u = past
                after[last], nodes[u].before = u, last
            if nodes[u].depth <= level:
                break
        inner, past = v, u
        above, old_arc, old_flow = node.parent, node.arc, node.flow
        node.parent, node.arc, node.flow = parent, arc, flow
        if v == leave:
            break
        parent, arc, flow, v = v, old_arc, old_flow, above
    if behind == leave:
        behind = past
    else:
        after[ahead] = past
        nodes[past].before = ahead
    after[last] = behind
    nodes[behind].before = last
