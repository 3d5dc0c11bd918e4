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
from matcher.problem import Ints

Records = NDArray[np.void]

NODE = np.dtype(
    [
        ("flow", np.int64),
        ("arc", np.int64),
        ("parent", np.int32),
        ("depth", np.int32),
        ("after", np.int32),
        ("before", np.int32),
        ("first", np.int32),
        ("spot", np.int32),
    ],
    align=True,
)
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
def reprice(nodes: Records, price: Ints, top: int, rise: tuple[int, int]) -> None:
    """Raise the prices of a whole subtree."""
    level = nodes[top].depth
    v = top
    while True:
        price[v, 0] += rise[0]
        price[v, 1] += rise[1]
        v = nodes[v].after
        if nodes[v].depth <= level:
            break


@lean
def rehang(
    nodes: Records, price: Ints, leave: int, link: tuple[int, int, int, int], rise: tuple[int, int]
) -> None:
    """Cut the subtree of ``leave`` off, turn it round and hang it up again by another arc.

    ``link`` is the new arc: the node that now hangs by it, the node it hangs on, its name, its flow.
    The path from the first of them up to ``leave`` is reversed: each node of it, with what hangs on it
    beside the path, comes behind the one that was below it. One walk through the subtree does it
    all: order, depths, and prices.
    """
    v, parent, arc, flow = link
    behind, ahead = nodes[parent].after, nodes[leave].before
    last = parent
    inner, past = -1, -1
    while True:
        node = nodes[v]
        level, lift = node.depth, nodes[parent].depth + 1 - node.depth
        u = v
        while True:
            nodes[last].after = u
            nodes[u].before = last
            nodes[u].depth += lift
            price[u, 0] += rise[0]
            price[u, 1] += rise[1]
            last = u
            u = nodes[u].after
            if u == inner:
                u = past
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
        nodes[ahead].after = past
        nodes[past].before = ahead
    nodes[last].after = behind
    nodes[behind].before = last
