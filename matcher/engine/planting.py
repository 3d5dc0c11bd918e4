"""Grow a strongly feasible tree from what hangs on what, whatever has changed since.

The flows follow from the leaves to the root. A node whose arc cannot carry what it would have to is
hung on the sink instead, where there is room for everybody.
"""

import numpy as np

from matcher.compiled import lean
from matcher.engine.pricing import Forest, Table, cost_of
from matcher.engine.tree import TO_SINK, Records
from matcher.network import Small
from matcher.problem import Ints


def plant(table: Table, forest: Forest, supply: Ints, order: Small, root: int) -> None:
    """Make a tree of the nodes in ``order``, of which ``parent``, ``arc`` and ``spot`` are given."""
    links = np.zeros((forest.nodes.size, 2), np.int32)
    incoming = np.zeros(forest.nodes.size, np.int64)
    incoming[: supply.size] = supply
    forest.nodes["flow"][order] = incoming[order]
    grow(table, forest, order, root, links)


@lean
def grow(table: Table, forest: Forest, order: Small, root: int, links: Small) -> None:
    """From the leaves to the root, whose flows are what comes in so far; then back for the prices."""
    nodes, after, groups = forest.nodes, forest.after, table.groups.size
    _string(nodes, after, order, root, links)
    v = nodes[root].before
    while v != root:
        _carry(nodes, forest.sinks, groups, v, root)
        v = nodes[v].before
    _string(nodes, after, order, root, links)
    v = after[root]
    while v != root:
        _price(table, forest, v)
        v = after[v]


@lean
def _string(nodes: Records, after: Small, order: Small, root: int, links: Small) -> None:
    """Thread the nodes in preorder, and find their depths.

    ``links`` are lent: one more than the first child and than the next sibling, 0 for none.
    """
    links[root, 0] = 0
    for v in order:
        links[v, 0] = 0
    for v in order[::-1]:
        links[v, 1] = links[nodes[v].parent, 0]
        links[nodes[v].parent, 0] = v + 1
    last, v = root, _next(nodes, links, root, root)
    while v != root:
        nodes[v].depth = nodes[nodes[v].parent].depth + 1
        nodes[v].before, after[last] = last, v
        last, v = v, _next(nodes, links, v, root)
    nodes[root].before, after[last] = last, root


@lean
def _next(nodes: Records, links: Small, v: int, root: int) -> int:
    """The node after ``v`` in preorder."""
    if links[v, 0] > 0:
        return links[v, 0] - 1
    while v != root and links[v, 1] == 0:
        v = nodes[v].parent
    return root if v == root else links[v, 1] - 1


@lean
def _carry(nodes: Records, sinks: Records, groups: int, v: int, root: int) -> None:
    """Settle the flow of ``v``, whose ``flow`` has been what comes in from its children and its supply.

    A group sends what its doctors and its full sink arcs leave; a doctor takes what its groups and
    its full sink arcs want.
    """
    node = nodes[v]
    full = 0
    for s in range(node.first, node.spot):
        full += sinks[s].room
    up = nodes[node.parent]
    if node.arc != TO_SINK and v < groups and node.flow >= full:
        node.flow -= full
        up.flow += node.flow
    elif node.arc != TO_SINK and v >= groups and 0 < full - node.flow <= up.flow:
        node.flow = full - node.flow
        up.flow -= node.flow
    else:
        node.parent, node.arc, node.spot = root, TO_SINK, node.first
        while node.flow >= sinks[node.spot].room:
            node.flow -= sinks[node.spot].room
            node.spot += 1


@lean
def _price(table: Table, forest: Forest, v: int) -> None:
    """The price that makes the reduced cost of the arc to the parent zero."""
    nodes, sinks = forest.nodes, forest.sinks
    node = nodes[v]
    if node.arc == TO_SINK:
        high, low = -sinks[node.spot].high, -sinks[node.spot].low
    else:
        sign = -1 if v < table.groups.size else 1
        high, low = cost_of(table, node.arc)
        high = nodes[node.parent].high + sign * high
        low = nodes[node.parent].low + sign * low
    node.high, node.low = high, low
