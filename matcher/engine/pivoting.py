"""One step of the network simplex: an arc enters the tree, another one leaves it.

What goes round the cycle comes down from the sink to ``p``, passes the entering arc to ``q``, and goes
back up to the sink. If the cycle passes the sink it takes places back from the sink arcs of one
node, the *loser*, and fills those of another, the *gainer*. These arcs are convex: the pushing
goes on past the kinks of both as long as it pays (the *long step*).

Of several arcs that block, the last one on the way round from the sink leaves: that keeps the
tree strongly feasible.
"""

from matcher.compiled import lean
from matcher.engine.tree import TO_SINK, Records, join, push, rehang, reprice
from matcher.network import Small

BEYOND = 2**62
"""More than any flow."""

NOBODY = -1

Words = tuple[int, int]
"""A cost, its two words; or two nodes."""

End = tuple[int, int]
"""Where pushing stopped at one end: the arc to the sink, and what it carries."""


@lean
def less(high: int, low: int, than_high: int, than_low: int) -> bool:
    """Compare two costs, the high words first."""
    return high < than_high or (high == than_high and low < than_low)


@lean
def enter(
    nodes: Records,
    after: Small,
    sinks: Records,
    groups: int,
    arc: int,
    ends: Words,
    rate: Words,
) -> None:
    """Bring the arc from ``ends[0]`` to ``ends[1]``, of negative reduced cost ``rate``, into the tree.

    If one of the ends is the root, it is a sink arc of the other: one that is emptied if the root comes
    first, filled if it comes last.
    """
    p, q = ends
    cost = rate[0] - nodes[p].high + nodes[q].high, rate[1] - nodes[p].low + nodes[q].low
    top = join(nodes, p, q)
    below_p, loser, limit = _way_down(nodes, groups, p, top)
    below_q, gainer, limit = _way_up(nodes, groups, q, top, limit)
    if nodes[p].depth == 0:
        loser = q
    if nodes[q].depth == 0:
        gainer = p
    amount, empty, full, lost, won = _long_step(nodes, sinks, (loser, gainer), limit, rate)
    push(nodes, groups, p, top, -amount)
    push(nodes, groups, q, top, amount)
    if empty:
        below_p, below_q = loser, NOBODY
    elif full:
        below_q = gainer
    _settle(nodes, after, sinks, loser, lost, empty)
    _settle(nodes, after, sinks, gainer, won, full)
    if (empty and loser == q) or (full and gainer == p):
        return  # the entering arc blocked itself
    if nodes[p].depth == 0:
        cost, amount = (-sinks[lost[0]].high, -sinks[lost[0]].low), lost[1]
    if nodes[q].depth == 0:
        cost, amount = (sinks[won[0]].high, sinks[won[0]].low), won[1]
    high = cost[0] + nodes[p].high - nodes[q].high
    low = cost[1] + nodes[p].low - nodes[q].low
    if below_q == NOBODY:
        rehang(nodes, after, below_p, (p, q, arc, amount), (-high, -low))
    else:
        rehang(nodes, after, below_q, (q, p, arc, amount), (high, low))


@lean
def _way_down(nodes: Records, groups: int, p: int, top: int) -> tuple[int, int, int]:
    """From ``top`` down to ``p``: the lowest node whose arc blocks first, the loser, the room."""
    blocked, loser, room = NOBODY, NOBODY, BEYOND
    v = p
    while v != top:
        node = nodes[v]
        if node.arc == TO_SINK:
            loser = v
        elif v < groups and node.flow < room:
            blocked, room = v, node.flow
        v = node.parent
    return blocked, loser, room


@lean
def _way_up(nodes: Records, groups: int, q: int, top: int, room: int) -> tuple[int, int, int]:
    """From ``q`` up to ``top``: the highest node whose arc blocks first, the gainer, the room."""
    blocked, gainer = NOBODY, NOBODY
    v = q
    while v != top:
        node = nodes[v]
        if node.arc == TO_SINK:
            gainer = v
        elif v >= groups and node.flow <= room:
            blocked, room = v, node.flow
        v = node.parent
    return blocked, gainer, room


@lean
def _long_step(
    nodes: Records, sinks: Records, ends: Words, limit: int, rate: Words
) -> tuple[int, bool, bool, End, End]:
    """Push until an arc between the ends blocks, or until it no longer pays.

    Returns how much, whether the loser's sink arc blocked, whether the gainer's did, and
    where both stand.
    """
    loser, gainer = ends
    lost, left = _to_lose(nodes, sinks, loser)
    won, room = _to_gain(nodes, sinks, gainer)
    high, low = rate
    amount = 0
    while True:
        step = min(left, limit, room)
        amount, left, limit, room = amount + step, left - step, limit - step, room - step
        if room == 0:
            high += sinks[won + 1].high - sinks[won].high
            low += sinks[won + 1].low - sinks[won].low
            won += 1
            if not less(high, low, 0, 0):
                return amount, False, True, (lost, left), (won, 0)
            room = sinks[won].room
        elif limit == 0:
            break
        else:
            if lost > nodes[loser].first:
                high += sinks[lost].high - sinks[lost - 1].high
                low += sinks[lost].low - sinks[lost - 1].low
            if lost == nodes[loser].first or not less(high, low, 0, 0):
                return amount, True, False, (lost, 0), (won, sinks[won].room - room)
            lost -= 1
            left = sinks[lost].room
    return amount, False, False, (lost, left), (won, sinks[won].room - room)


@lean
def _to_lose(nodes: Records, sinks: Records, loser: int) -> tuple[int, int]:
    """The sink arc from which places come back first, and how many."""
    if loser == NOBODY:
        return 0, BEYOND
    node = nodes[loser]
    if node.arc == TO_SINK:
        return node.spot, node.flow
    return node.spot - 1, sinks[node.spot - 1].room


@lean
def _to_gain(nodes: Records, sinks: Records, gainer: int) -> tuple[int, int]:
    """The sink arc that is filled first, and how many places it has left."""
    if gainer == NOBODY:
        return 0, BEYOND
    node = nodes[gainer]
    if node.arc == TO_SINK:
        return node.spot, sinks[node.spot].room - node.flow
    return node.spot, sinks[node.spot].room


@lean
def _settle(
    nodes: Records, after: Small, sinks: Records, v: int, stand: End, leaves: bool
) -> None:
    """Let an end of the cycle stand where the pushing stopped; past a kink its subtree has new prices."""
    if v == NOBODY:
        return
    old, new = sinks[nodes[v].spot], sinks[stand[0]]
    nodes[v].spot = stand[0]
    if nodes[v].arc == TO_SINK and not leaves:
        nodes[v].flow = stand[1]
        if old.high != new.high or old.low != new.low:
            reprice(nodes, after, v, (old.high - new.high, old.low - new.low))
