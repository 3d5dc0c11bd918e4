"""Grow a strongly feasible tree from what hangs on what, whatever has changed since.

The flows follow from the leaves to the root. A node whose arc cannot carry what it would have to is
hung on the sink instead, where there is room for everybody.
"""

import numpy as np

from compilation import lean
from matcher.engine.table import Table, cost_of
from matcher.engine.tree import TO_SINK, Tree
from matcher.network import Small
from matcher.problem import Ints


def plant(table: Table, tree: Tree, supply: Ints) -> None:
    """Make a tree of the nodes, of which ``parent``, ``arc`` and ``spot`` are given."""
    tree.nodes["flow"] = 0
    tree.nodes["flow"][: supply.size] = supply
    grow(table, tree, np.zeros((tree.nodes.size, 2), np.int32))


@lean
def grow(table: Table, tree: Tree, links: Small) -> None:
    """The flows from the leaves to the root, from the supplies; then the prices back."""
    nodes, after = tree.nodes, tree.after
    root = nodes.size - 1
    _string(tree, links)
    v, moved = nodes[root].before, False
    while v != root:
        moved |= _carry(tree, v)
        v = nodes[v].before
    if moved:
        _string(tree, links)
    v = after[root]
    while v != root:
        _price(table, tree, v)
        v = after[v]


@lean
def _string(tree: Tree, links: Small) -> None:
    """Thread the nodes in preorder, and find their depths.

    ``links`` are lent: one more than the first child and than the next sibling, 0 for none.
    """
    nodes, after = tree.nodes, tree.after
    root = nodes.size - 1
    links[:] = 0
    for v in range(root - 1, -1, -1):
        up = nodes[v].parent
        links[v, 1] = links[up, 0]
        links[up, 0] = v + 1
    last, v = root, _next(tree, links, root)
    while v != root:
        nodes[v].depth = nodes[nodes[v].parent].depth + 1
        nodes[v].before, after[last] = last, v
        last, v = v, _next(tree, links, v)
    nodes[root].before, after[last] = last, root


@lean
def _next(tree: Tree, links: Small, v: int) -> int:
    """The node after ``v`` in preorder."""
    if links[v, 0] > 0:
        return int(links[v, 0]) - 1
    root = tree.nodes.size - 1
    while v != root and links[v, 1] == 0:
        v = tree.nodes[v].parent
    return root if v == root else int(links[v, 1]) - 1


@lean
def _carry(tree: Tree, v: int) -> bool:
    """Settle the flow of ``v``; so far it is the supply and what the nodes below send or take.

    A group sends what its doctors and its full sink arcs leave; a doctor takes what its groups and
    its full sink arcs lack. Returns whether it had to be hung elsewhere.
    """
    node, sinks = tree.nodes[v], tree.sinks
    full = 0
    for s in range(node.first, node.spot):
        full += sinks[s].room
    up = tree.nodes[node.parent]
    if node.arc != TO_SINK and v < tree.groups and node.flow >= full:
        node.flow -= full
        up.flow += node.flow
    elif node.arc != TO_SINK and v >= tree.groups and 0 < full - node.flow <= up.flow:
        node.flow = full - node.flow
        up.flow -= node.flow
    else:
        moved = bool(node.arc != TO_SINK)
        node.parent, node.arc, node.spot = tree.nodes.size - 1, TO_SINK, node.first
        while node.flow >= sinks[node.spot].room:
            node.flow -= sinks[node.spot].room
            node.spot += 1
        return moved
    return False


@lean
def _price(table: Table, tree: Tree, v: int) -> None:
    """The price that makes the reduced cost of the arc to the parent zero."""
    node = tree.nodes[v]
    if node.arc == TO_SINK:
        node.high, node.low = -tree.sinks[node.spot].high, -tree.sinks[node.spot].low
        return
    up, (high, low) = tree.nodes[node.parent], cost_of(table, node.arc)
    if v < tree.groups:
        node.high, node.low = up.high - high, up.low - low
    else:
        node.high, node.low = up.high + high, up.low + low
