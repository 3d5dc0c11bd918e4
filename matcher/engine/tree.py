"""The spanning tree of the network simplex: what hangs on what, in preorder.

The nodes are the groups, then the doctors, then the sink, which is the root. Every other node hangs
on its *parent* by a basic arc: a group on a doctor or a doctor on a group by the arc between
them, or either on the root by one of its own arcs to the sink. What always holds:

* ``after`` threads the nodes in preorder, a ring through the root, and ``before`` goes back: the
  subtree of a node is the run behind it of nodes deeper than it.
* ``flow`` is what the arc to the parent carries. One that points away from the root (from a group
  to a doctor below it) carries something; one that points to the root has room for more. Such a
  tree is *strongly feasible* (Cunningham 1976), and the simplex does not cycle.
* Arcs to the sink are convex and lie side by side from ``first`` on: those before ``spot`` are
  full, those behind it empty. The last one has room for everything.
* Basic arcs have a reduced cost of zero; the price of the root is zero.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from compilation import lean
from matcher.network import Small

Records = NDArray[np.void]

_WORDS = ("flow", "arc", "high", "low")
_HALVES = ("parent", "depth", "before", "first", "spot")
NODE = np.dtype(
    {
        "names": [*_WORDS, *_HALVES],
        "formats": [np.int64] * len(_WORDS) + [np.int32] * len(_HALVES),
        "offsets": [8 * i for i in range(len(_WORDS))] + [32 + 4 * i for i in range(len(_HALVES))],
        "itemsize": 64,
    }
)
"""One line of a processor's cache. ``high`` and ``low`` are the price, as in ``network.Flow``."""

SINK_ARC = np.dtype([("room", np.int64), ("high", np.int64), ("low", np.int64)], align=True)

TO_SINK = -1
"""The ``arc`` of a node that hangs on the root."""


class Tree(NamedTuple):
    """The nodes and how they hang together."""

    groups: int
    """So many nodes are groups."""
    nodes: Records
    after: Small
    """Apart from the nodes: following the thread is what takes longest."""
    sinks: Records


@lean
def join(tree: Tree, p: int, q: int) -> int:
    """The deepest node above both; a node counts as above itself."""
    nodes = tree.nodes
    while p != q:
        if nodes[p].depth >= nodes[q].depth:
            p = nodes[p].parent
        else:
            q = nodes[q].parent
    return p


@lean
def push(tree: Tree, v: int, top: int, amount: int) -> None:
    """Send so much more from ``v`` up to ``top``: doctors below groups are sent less from above."""
    nodes = tree.nodes
    while v != top:
        nodes[v].flow += amount if v < tree.groups else -amount
        v = nodes[v].parent


@lean
def reprice(tree: Tree, top: int, rise: tuple[int, int]) -> None:
    """Raise the prices of a whole subtree."""
    nodes, after = tree.nodes, tree.after
    level = nodes[top].depth
    v = top
    while True:
        nodes[v].high += rise[0]
        nodes[v].low += rise[1]
        v = after[v]
        if nodes[v].depth <= level:
            break


@lean
def rehang(tree: Tree, leave: int, link: tuple[int, int, int, int], rise: tuple[int, int]) -> None:
    """Cut the subtree of ``leave`` off, turn it round, raise it, and hang it up by another arc.

    ``link`` is that arc: the node that will hang by it, the node it will hang on, its name, its
    flow. The path from the former up to ``leave`` is reversed: each node of it comes, with what
    hangs on it beside the path, behind the one that was below. One walk does it all.
    """
    nodes, after = tree.nodes, tree.after
    v, parent, arc, flow = link
    behind, ahead = after[parent], nodes[leave].before
    last = parent
    inner, past = -1, -1  # what of the subtree has been moved: from here to before there
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
        after[ahead], nodes[past].before = past, ahead
    after[last], nodes[behind].before = behind, last
