"""Grow a strongly feasible tree from what hangs on what, whatever has changed since.

The flows follow from the leaves to the root. A node whose arc cannot carry what it would have to is
hung on the root by an arc of no network instead, which takes anything at a prohibitive price.
"""

import numpy as np

from compilation import lean
from scheduler.flow.engine.network import BY_NO_ARC, Basis, Network, Small
from scheduler.flow.engine.tree import Records, Tree, in_lines

FULL, BASIC, EMPTY = -1, 0, 1
"""State of an arc: outside the tree it is worth its sign times its reduced cost to push on it."""

UNLIMITED = 2**61

ARC = np.dtype(
    [
        ("high", np.int64),
        ("low", np.int64),
        ("room", np.int64),
        ("tail", np.int32),
        ("head", np.int32),
    ]
)
States = np.ndarray[tuple[int], np.dtype[np.int8]]


def plant(network: Network, start: Basis, prohibitive: int) -> tuple[Records, States, Tree]:
    """The arcs, their states, and a tree of the nodes that hang as ``start`` says if they can."""
    arcs = np.zeros(network.arcs, ARC)
    arcs["tail"], arcs["head"] = network.tail, network.head
    arcs["high"], arcs["low"] = network.high, network.low
    arcs["room"] = network.upper - network.lower
    states = np.where(start.full & (arcs["room"] > 0), FULL, EMPTY).astype(np.int8)
    states[start.arc[start.arc != BY_NO_ARC]] = BASIC
    sent = network.lower + np.where(states == FULL, arcs["room"], 0)
    tree = Tree(in_lines(network.nodes), np.zeros(network.nodes, np.int32))
    nodes, root = tree.nodes, network.nodes - 1
    nodes["flow"] = network.supply
    np.subtract.at(nodes["flow"], network.tail, sent)
    np.add.at(nodes["flow"], network.head, sent)
    nodes["arc"][:root], nodes["arc"][root] = start.arc[:root], BY_NO_ARC
    grow(arcs, states, tree, np.zeros((network.nodes, 2), np.int32), prohibitive)
    return arcs, states, tree


@lean
def grow(arcs: Records, states: States, tree: Tree, links: Small, prohibitive: int) -> None:
    """The flows from the leaves to the root, then the prices back; ``links`` are lent."""
    nodes, after = tree.nodes, tree.after
    root = nodes.size - 1
    for v in range(root):
        _hang(arcs, tree, v)
    _string(tree, links)
    v = nodes[root].before
    while v != root:
        _carry(states, tree, v)
        v = nodes[v].before
    _string(tree, links)
    v = after[root]
    while v != root:
        _price(arcs, tree, v, prohibitive)
        v = after[v]


@lean
def _hang(arcs: Records, tree: Tree, v: int) -> None:
    node = tree.nodes[v]
    node.parent, node.up = tree.nodes.size - 1, 1
    if node.arc != BY_NO_ARC:
        arc = arcs[node.arc]
        node.up, node.room = arc.tail == v, arc.room
        node.parent = arc.head if node.up else arc.tail


@lean
def _string(tree: Tree, links: Small) -> None:
    """Thread the nodes in preorder, and find their depths.

    ``links`` are one more than the first child and than the next sibling, 0 for none.
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
def _carry(states: States, tree: Tree, v: int) -> None:
    """Settle the flow of ``v``; so far it is what must go up to the root from its subtree."""
    node = tree.nodes[v]
    rest, up = node.flow, tree.nodes[node.parent]
    if node.arc != BY_NO_ARC:
        carried = rest if node.up else -rest
        if (0 if node.up else 1) <= carried < node.room + (0 if node.up else 1):
            node.flow = carried
            up.flow += rest
            return
        full = carried >= node.room and node.room > 0
        states[node.arc] = FULL if full else EMPTY
        sent = (node.room if node.up else -node.room) if full else 0
        up.flow += sent
        rest -= sent
    root = tree.nodes.size - 1
    tree.nodes[root].flow += rest
    node.parent, node.arc, node.room = root, BY_NO_ARC, UNLIMITED
    node.up, node.flow = rest >= 0, abs(rest)


@lean
def _price(arcs: Records, tree: Tree, v: int, prohibitive: int) -> None:
    """The price that makes the reduced cost of the arc to the parent zero."""
    node = tree.nodes[v]
    up = tree.nodes[node.parent]
    sign = -1 if node.up else 1
    if node.arc == BY_NO_ARC:
        node.high, node.low = sign * prohibitive, 0
    else:
        arc = arcs[node.arc]
        node.high, node.low = up.high + sign * arc.high, up.low + sign * arc.low
