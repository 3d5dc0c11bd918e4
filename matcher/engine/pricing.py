"""Looking for arcs that would lower the cost, row by row: the loop around the pivots.

A *visit* prices the arcs of one node and lets the best of them enter. Passes over all nodes look at
the ten nearest doctors of each row first, then at forty, then at all. A node that offered nothing
sleeps for 1, 3, 7, ... passes. When a pass over whole rows finds nothing, everybody wakes up; the pass
in which everybody was awake, every arc was priced and none would do is the proof of the optimum.

Two short cuts leave that proof complete. Scanning a row stops where even a doctor with places to spare
would be too far: no doctor has a positive price, or else the doctor's own visit finds a sink arc to
empty. And what one group has learnt of a row is a bound for the next groups of the place, as
long as no price has changed.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from matcher.compiled import inlined, lean
from matcher.engine.pivoting import BEYOND, Words, enter, less
from matcher.engine.tree import TO_SINK, Records
from matcher.network import Small
from matcher.problem import Ints

GROUP = np.dtype(
    [
        ("begin", np.int64),
        ("end", np.int64),
        ("limit", np.int32),
        ("kind", np.int32),
        ("usual", np.int32),
        ("usual_end", np.int32),
        ("row", np.int32),
    ],
    align=True,
)
"""A group: its row of the table, what it accepts, and its usual arcs."""

WAY = np.dtype([("cost", np.int64), ("floor", np.int64)], align=True)
"""A way: its cost, and the least cost of it and all later ones."""

USUAL = np.dtype([("arc", np.int64), ("high", np.int64), ("low", np.int64)], align=True)
"""A usual arc: its position in the table, and all it costs."""

STATE = np.dtype(
    [
        (name, np.int64)
        for name in (
            "tile",
            "root",
            "tree",
            "width",
            "sweep",
            "place",
            "entered",
            "asleep",
            "done",
            "pivots",
            "scanned",
            "row",
            "row_pivots",
            "row_high",
            "row_low",
        )
    ]
)
"""Where the work on a tile stands: in which pass, at which place of its order; what was last learnt of
a row (where it begins, after how many pivots, the least cost less price of any arc in it)."""

NEAR, FURTHER, EVERY_DOCTOR = 10, 40, 2**40
"""How much of a row is looked at."""

FEW = 16
"""Passes over parts of the rows end when fewer than one node in so many had an arc to offer."""

LONGEST_SLEEP = 31

VISITS = 10_000
"""Between two chances to stop: a few hundredths of a second at most."""


class Table(NamedTuple):
    """All arcs between groups and doctors, as in ``network.Network``."""

    groups: Records
    doctor: Small
    way: Small
    ways: Records
    reach: Small
    usual: Records
    block: Small
    """Per doctor; for the others see ``blocks.Blocks``."""
    block_start: Ints
    block_met: Small
    block_way: Small
    tile: Small
    """Per doctor: only arcs to doctors of the tile at work are looked at."""


class Forest(NamedTuple):
    """The nodes and the trees they are in: one, or one per tile, each with its root."""

    nodes: Records
    after: Small
    sinks: Records
    sleep: Small
    """``[node, 0]``: the pass in which it wakes up; ``[node, 1]``: for how long it slept."""
    ceiling: Ints
    """``[tree, block, word]``: the highest price of a doctor when the pass began."""


def passes(
    table: Table, forest: Forest, order: Small, root: int, tile: int = 0
) -> Iterator[int]:
    """Work on the tree of the nodes in ``order`` until it is optimal; tells the pivots done by now."""
    state = np.zeros(1, STATE)
    state["tile"], state["root"], state["width"], state["row"] = tile, root, NEAR, -1
    state["tree"] = root - table.groups.size - table.tile.size
    forest.sleep[order] = 0
    while not state["done"][0]:
        sweep(table, forest, order, state, VISITS)
        yield int(state["pivots"][0])


def share(pivots: int, nodes: int) -> float:
    """How much of the work is done, which nobody knows: it grows, ever slower, towards one."""
    return pivots / (pivots + nodes) if nodes else 1.0


@inlined
def doctor_of(table: Table, arc: int) -> int:
    """Where an arc leads, be it a position in the table or the name of a usual arc."""
    return table.doctor[arc if arc >= 0 else table.usual[-2 - arc].arc]


@lean
def cost_of(table: Table, arc: int) -> tuple[int, int]:
    if arc >= 0:
        return 0, table.ways[table.way[arc]].cost
    return table.usual[-2 - arc].high, table.usual[-2 - arc].low


@lean
def sweep(table: Table, forest: Forest, order: Small, state: Records, visits: int) -> None:
    """Go on with the passes for so many visits, or until the flow is optimal (``done``)."""
    at, sleep = state[0], forest.sleep
    while visits > 0 and not at.done:
        if at.place == order.size:
            _next_pass(table, forest, order, at)
            continue
        v = order[at.place]
        at.place += 1
        if sleep[v, 0] > at.sweep:
            at.asleep += 1
            continue
        visits -= 1
        if _visit(table, forest, v, at):
            at.entered += 1
            sleep[v, 1] = 0
        else:
            sleep[v, 1] = min(2 * sleep[v, 1] + 1, LONGEST_SLEEP)
            sleep[v, 0] = at.sweep + sleep[v, 1]


@lean
def _next_pass(table: Table, forest: Forest, order: Small, at: Records) -> None:
    """If little entered: look further; if nothing: wake everybody, or be done."""
    if at.width < EVERY_DOCTOR:
        turn = at.entered == 0 or FEW * at.entered < order.size
        if turn:
            at.width = FURTHER if at.width < FURTHER else EVERY_DOCTOR
    else:
        turn = at.entered == 0
        at.done = turn and at.asleep == 0
    if turn:
        for v in order:
            forest.sleep[v, 0], forest.sleep[v, 1] = 0, 0
    if at.width == EVERY_DOCTOR:
        _raise_ceilings(table, forest, order, at)
    at.sweep += 1
    at.place, at.entered, at.asleep, at.row = 0, 0, 0, -1


@lean
def _raise_ceilings(table: Table, forest: Forest, order: Small, at: Records) -> None:
    ceiling, nodes, groups = forest.ceiling[at.tree], forest.nodes, table.groups.size
    for block in range(ceiling.shape[0]):
        ceiling[block, 0], ceiling[block, 1] = -BEYOND, 0
    for v in order:
        if v >= groups:
            block = table.block[v - groups]
            if less(ceiling[block, 0], ceiling[block, 1], nodes[v].high, nodes[v].low):
                ceiling[block, 0], ceiling[block, 1] = nodes[v].high, nodes[v].low


@inlined
def _visit(table: Table, forest: Forest, v: int, at: Records) -> bool:
    """Let the best arc of a node enter, if it has one of negative reduced cost."""
    nodes, after, sinks = forest.nodes, forest.after, forest.sinks
    groups = table.groups.size
    high, low, arc = 0, 0, TO_SINK
    p, q = v, v
    if v < groups:
        high, low, arc = _best_arc(table, forest, v, at)
    if arc != TO_SINK:
        q = groups + doctor_of(table, arc)
    if nodes[v].arc != TO_SINK:
        sink_high, sink_low, step = _best_sink_arc(nodes, sinks, v)
        if less(sink_high, sink_low, high, low):
            high, low, arc = sink_high, sink_low, TO_SINK
            p, q = (v, at.root) if step > 0 else (at.root, v)
    if p == q:
        return False
    enter(nodes, after, sinks, groups, arc, (p, q), (high, low))
    at.pivots += 1
    return True


@inlined
def _best_arc(table: Table, forest: Forest, g: int, at: Records) -> tuple[int, int, int]:
    """The arc to a doctor with the least reduced cost, if negative: the cost and the name."""
    group, nodes = table.groups[g], forest.nodes
    own_high, own_low = nodes[g].high, nodes[g].low
    learnt = at.row == group.begin and at.row_pivots == at.pivots
    high, low, best = -own_high, -own_low, TO_SINK
    if not learnt or less(at.row_high, at.row_low, high, low):
        high, low, best = _scan(table, forest, group, (high, low), at)
    for u in range(group.usual, group.usual_end):
        arc = table.usual[u]
        j = table.doctor[arc.arc]
        node = nodes[table.groups.size + j]
        h, c = arc.high - node.high, arc.low - node.low
        if less(h, c, high, low) and table.tile[j] == at.tile:
            high, low, best = h, c, -2 - u
    return high + own_high, low + own_low, best


@inlined
def _scan(
    table: Table, forest: Forest, group: Records, most: Words, at: Records
) -> tuple[int, int, int]:
    """The arc of the row with the least cost less price, if less than ``most``; ``at`` learns a bound."""
    doctor, way, ways, reach, tile = table.doctor, table.way, table.ways, table.reach, table.tile
    nodes, first_doctor = forest.nodes, table.groups.size
    high, low = most
    best = TO_SINK
    top_high, top_low, least_high, least_low = _highest(table, forest, group.row, most, at)
    a, end = group.begin, min(group.end, group.begin + at.width)
    while a < end:
        w = way[a]
        floor = ways[w].floor - top_low
        if w > group.limit or not less(-top_high, floor, high, low):
            if less(-top_high, floor, least_high, least_low):
                least_high, least_low = -top_high, floor
            break
        j = doctor[a]
        node = nodes[first_doctor + j]
        h, c = -node.high, ways[w].cost - node.low
        if less(h, c, least_high, least_low) and tile[j] == at.tile:
            least_high, least_low = h, c
        if less(h, c, high, low) and w <= reach[group.kind, j] and tile[j] == at.tile:
            high, low, best = h, c, a
        a += 1
    at.scanned += a - group.begin
    if group.begin < group.end:  # an empty row begins where the next one does
        at.row, at.row_pivots = group.begin, at.pivots
        at.row_high, at.row_low = least_high, least_low
    return high, low, best


@inlined
def _highest(
    table: Table, forest: Forest, row: int, most: Words, at: Records
) -> tuple[int, int, int, int]:
    """The highest price of a doctor worth looking at; and the least cost less price of the others.

    A block is not worth it if even its highest price at its shortest way is not less than ``most``.
    """
    if at.width < EVERY_DOCTOR:
        return 0, 0, BEYOND, 0
    ceiling = forest.ceiling
    top_high, top_low, least_high, least_low = -BEYOND, 0, BEYOND, 0
    for b in range(table.block_start[row], table.block_start[row + 1]):
        block = table.block_met[b]
        high, low = ceiling[at.tree, block, 0], ceiling[at.tree, block, 1]
        cheap = table.ways[table.block_way[b]].floor - low
        if less(-high, cheap, most[0], most[1]):
            if less(top_high, top_low, high, low):
                top_high, top_low = high, low
        elif less(-high, cheap, least_high, least_low):
            least_high, least_low = -high, cheap
    return top_high, top_low, least_high, least_low


@inlined
def _best_sink_arc(nodes: Records, sinks: Records, v: int) -> tuple[int, int, int]:
    """What filling (1) or emptying (-1) a sink arc of a node that hangs elsewhere would cost."""
    node = nodes[v]
    fill, drain = node.spot, node.spot - 1
    while sinks[fill].room == 0:
        fill += 1
    high, low = sinks[fill].high + node.high, sinks[fill].low + node.low
    if less(high, low, 0, 0):
        node.spot = fill
        return high, low, 1
    while drain > node.first and sinks[drain].room == 0:
        drain -= 1
    if drain >= node.first:
        high, low = -sinks[drain].high - node.high, -sinks[drain].low - node.low
        if less(high, low, 0, 0):
            node.spot = drain + 1
            return high, low, -1
    return 0, 0, 0
