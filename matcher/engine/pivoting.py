"""One step of the network simplex: an arc enters the tree, another one leaves it.

What goes round the cycle comes down from the sink to ``p``, passes the entering arc to ``q``, and
goes back up to the sink. If the cycle passes the sink, it takes places back from the sink arcs of
one node, the *loser*, and fills those of another, the *gainer*. These arcs are convex: the
pushing goes on past the kinks of both as long as it pays (the *long step*).

Of several arcs that block, the last on the way round from the sink leaves: that keeps the tree
strongly feasible.
"""

from typing import NamedTuple

from compilation import lean
from matcher.engine.tree import TO_SINK, Tree, join, push, rehang, reprice

BEYOND = 2**62
"""More than any flow, and than the high word of any price."""

NOBODY = -1

PAIR, LOSER, GAINER = 0, 1, 2
"""What blocks a cycle: an arc between the ends, or the sink arcs of one of them."""

Words = tuple[int, int]
"""A cost, its two words; or any two numbers that go together."""


class Step(NamedTuple):
    """How far a cycle was pushed."""

    amount: int
    blocked: int
    """By PAIR, LOSER or GAINER."""
    lost: Words
    """Where the loser stands: at which sink arc, and what that carries."""
    won: Words


@lean
def less(high: int, low: int, than_high: int, than_low: int) -> bool:
    """Compare two costs, the high words first."""
    return high < than_high or (high == than_high and low < than_low)


@lean
def enter(tree: Tree, arc: int, ends: Words, rate: Words) -> None:
    """Bring the arc from ``ends[0]`` to ``ends[1]``, of negative reduced cost ``rate``, in.

    If one of the ends is the root it is a sink arc of the other: one that is emptied if the root
    comes first, filled if it comes last.
    """
    nodes, sinks = tree.nodes, tree.sinks
    p, q = ends
    cost = rate[0] - nodes[p].high + nodes[q].high, rate[1] - nodes[p].low + nodes[q].low
    top = join(tree, p, q)
    lowest, loser, limit = _way_down(tree, p, top)
    highest, gainer, limit = _way_up(tree, q, top, limit)
    loser = q if nodes[p].depth == 0 else loser
    gainer = p if nodes[q].depth == 0 else gainer
    step = _long_step(tree, loser, gainer, limit, rate)
    push(tree, p, top, -step.amount)
    push(tree, q, top, step.amount)
    _settle(tree, loser, step.lost, step.blocked == LOSER)
    _settle(tree, gainer, step.won, step.blocked == GAINER)
    flow = step.amount
    if nodes[p].depth == 0:
        lost, flow = step.lost
        cost = -sinks[lost].high, -sinks[lost].low
    if nodes[q].depth == 0:
        won, flow = step.won
        cost = sinks[won].high, sinks[won].low
    link = p, q, arc, flow
    if step.blocked == LOSER:
        _exchange(tree, link, cost, loser, True)
    elif step.blocked == GAINER:
        _exchange(tree, link, cost, gainer, False)
    elif highest != NOBODY:
        _exchange(tree, link, cost, highest, False)
    else:
        _exchange(tree, link, cost, lowest, True)


@lean
def _exchange(
    tree: Tree, link: tuple[int, int, int, int], cost: Words, leave: int, down: bool
) -> None:
    """Cut ``leave`` off, which is on the way down or up, and hang it up by the entering arc."""
    p, q, arc, flow = link
    if leave == (q if down else p):
        return  # the entering arc, one to the sink, has blocked itself
    nodes = tree.nodes
    high = cost[0] + nodes[p].high - nodes[q].high
    low = cost[1] + nodes[p].low - nodes[q].low
    if down:
        rehang(tree, leave, link, (-high, -low))
    else:
        rehang(tree, leave, (q, p, arc, flow), (high, low))


@lean
def _way_down(tree: Tree, p: int, top: int) -> tuple[int, int, int]:
    """From ``top`` down to ``p``: the lowest node whose arc blocks first; the loser; the room."""
    blocking, loser, room = NOBODY, NOBODY, BEYOND
    v = p
    while v != top:
        node = tree.nodes[v]
        if node.arc == TO_SINK:
            loser = v
        elif v < tree.groups and node.flow < room:
            blocking, room = v, node.flow
        v = node.parent
    return blocking, loser, room


@lean
def _way_up(tree: Tree, q: int, top: int, room: int) -> tuple[int, int, int]:
    """From ``q`` up to ``top``: the highest node whose arc blocks first; the gainer; the room."""
    blocking, gainer = NOBODY, NOBODY
    v = q
    while v != top:
        node = tree.nodes[v]
        if node.arc == TO_SINK:
            gainer = v
        elif v >= tree.groups and node.flow <= room:
            blocking, room = v, node.flow
        v = node.parent
    return blocking, gainer, room


@lean
def _long_step(tree: Tree, loser: int, gainer: int, limit: int, rate: Words) -> Step:
    """Push until an arc between the ends blocks, after ``limit``, or until it no longer pays."""
    sinks = tree.sinks
    lost, left = _to_lose(tree, loser)
    won, room = _to_gain(tree, gainer)
    high, low = rate
    amount = 0
    while True:
        pushed = min(left, limit, room)
        amount, left, limit, room = amount + pushed, left - pushed, limit - pushed, room - pushed
        if room == 0:
            high += sinks[won + 1].high - sinks[won].high
            low += sinks[won + 1].low - sinks[won].low
            won += 1
            if not less(high, low, 0, 0):
                return Step(amount, GAINER, (lost, left), (won, 0))
            room = sinks[won].room
        elif limit == 0:
            return Step(amount, PAIR, (lost, left), (won, sinks[won].room - room))
        else:
            if lost > tree.nodes[loser].first:
                high += sinks[lost].high - sinks[lost - 1].high
                low += sinks[lost].low - sinks[lost - 1].low
            if lost == tree.nodes[loser].first or not less(high, low, 0, 0):
                return Step(amount, LOSER, (lost, 0), (won, sinks[won].room - room))
            lost -= 1
            left = sinks[lost].room


@lean
def _to_lose(tree: Tree, loser: int) -> Words:
    """The sink arc from which places come back first, and how many."""
    if loser == NOBODY:
        return 0, BEYOND
    node = tree.nodes[loser]
    if node.arc == TO_SINK:
        return node.spot, node.flow
    return node.spot - 1, tree.sinks[node.spot - 1].room


@lean
def _to_gain(tree: Tree, gainer: int) -> Words:
    """The sink arc that is filled first, and for how many it has room."""
    if gainer == NOBODY:
        return 0, BEYOND
    node = tree.nodes[gainer]
    room = tree.sinks[node.spot].room
    return node.spot, room - node.flow if node.arc == TO_SINK else room


@lean
def _settle(tree: Tree, v: int, stand: Words, leaves: bool) -> None:
    """Let an end stand where the pushing stopped; past a kink, its subtree has new prices."""
    if v == NOBODY:
        return
    node = tree.nodes[v]
    old, new = tree.sinks[node.spot], tree.sinks[stand[0]]
    node.spot = stand[0]
    if node.arc == TO_SINK and not leaves:
        node.flow = stand[1]
        if old.high != new.high or old.low != new.low:
            reprice(tree, v, (old.high - new.high, old.low - new.low))
