"""The spanning tree of the network simplex: what hangs on what, in preorder.

The last node is the root; every other one hangs on its *parent* by a basic arc, or by one that is
not of the network and may carry any amount either way at a prohibitive price. What always holds:

* ``after`` threads the nodes in preorder, a ring through the root, and ``before`` goes back: the
  subtree of a node is the run behind it of nodes deeper than it.
* ``flow`` is what the arc to the parent carries, ``room`` what it may carry; it points ``up``, to
  the parent, or down. It could always carry more towards the root: if it points up it is not full,
  if down not empty. Such a tree is *strongly feasible* (Cunningham 1976): no simplex cycles.
* Basic arcs have a reduced cost of zero; the price of the root is zero.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from compilation import lean
from scheduler.flow.engine.network import Small

Records = NDArray[np.void]

_WORDS = ("flow", "room", "high", "low")
_HALVES = ("arc", "parent", "depth", "before", "up")
NODE = np.dtype(
    {
        "names": [*_WORDS, *_HALVES],
        "formats": [np.int64] * len(_WORDS) + [np.int32] * len(_HALVES),
        "offsets": [8 * i for i in range(len(_WORDS))] + [32 + 4 * i for i in range(len(_HALVES))],
        "itemsize": 64,
    }
)
"""One line of a processor's cache."""


class Tree(NamedTuple):
    """The nodes and how they hang together."""

    nodes: Records
    after: Small


class Link(NamedTuple):
    """The arc by which a node hangs."""

    arc: int
    flow: int
    room: int
    up: int


def in_lines(size: int) -> Records:
    """So many nodes, each in one line of the cache."""
    line = NODE.itemsize
    room = np.zeros((size + 1) * line, np.uint8)
    begin = -room.ctypes.data % line
    return room[begin : begin + size * line].view(NODE)


@lean
def push(tree: Tree, v: int, top: int, amount: int) -> None:
    """Send so much more from ``v`` up to ``top``."""
    nodes = tree.nodes
    while v != top:
        nodes[v].flow += amount if nodes[v].up else -amount
        v = nodes[v].parent


@lean
def rehang(
    tree: Tree, leave: int, where: tuple[int, int], link: Link, rise: tuple[int, int]
) -> None:
    """Cut the subtree of ``leave`` off, turn it round, raise its prices, hang it up elsewhere.

    ``where`` is the node of it that will hang by ``link``, and the one it will hang on. The path
    from the former up to ``leave`` is reversed: each node of it comes, with what hangs on it
    beside the path, behind the one that was below. One walk does it all.
    """
    nodes, after = tree.nodes, tree.after
    v, parent = where
    arc, flow, room, up = link
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
        above, old_arc, old_flow, old_room, old_up = (
            node.parent,
            node.arc,
            node.flow,
            node.room,
            node.up,
        )
        node.parent, node.arc, node.flow, node.room, node.up = parent, arc, flow, room, up
        if v == leave:
            break
        parent, arc, flow, room, up, v = v, old_arc, old_flow, old_room, 1 - old_up, above
    if behind == leave:
        behind = past
    else:
        after[ahead], nodes[past].before = past, ahead
    after[last], nodes[behind].before = behind, last
