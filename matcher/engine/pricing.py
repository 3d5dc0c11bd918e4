"""Looking for arcs that would lower the cost, row by row: the loop around the pivots.

A *visit* prices the arcs of one node and lets the best of them enter. Passes over all nodes look at
the five nearest doctors of each row first, then at two dozen, then at all. A node that offered
nothing sleeps for 1, 3, 7, ... passes. When a pass over whole rows finds nothing, everybody wakes
up; one in which everybody was awake, every arc was priced and none would do is the proof of the
optimum.

Two short cuts leave that proof whole. Blocks of doctors have ceilings on their prices, taken when a
pass begins, and scanning a row stops where nothing below its ceilings can be cheap enough; in a
pass that changes nothing, the ceilings are right to the end. And what one group learns of a row
is a bound for the other groups of the place, as long as no price changes.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from compilation import inlined, lean
from matcher.engine.blocks import Blocks
from matcher.engine.pivoting import BEYOND, Words, enter, less
from matcher.engine.tree import TO_SINK, Records, Tree
from matcher.network import Basis, Small
from matcher.problem import Flags, Ints

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

_WHERE = ("width", "number", "node", "entered", "asleep", "done", "pivots", "scanned")
_LEARNT = ("row", "row_pivots", "row_high", "row_low")
PASS = np.dtype([(name, np.int64) for name in (*_WHERE, "lulled", *_LEARNT)])
"""Where the work stands: in which pass, at which node; after how many pivots only those were woken
up whom changed prices concern; and what was last learnt of a row (where it begins, after how many
pivots, the least cost less price of an arc in it)."""

NEAR, FURTHER, EVERY_DOCTOR = 5, 24, 2**40
"""How much of a row is looked at."""

FEW = 32
"""Passes over parts of rows end when fewer than one node in so many had an arc to offer."""

LONGEST_SLEEP = 31

SOME = 4
"""Work begins with the nodes that a change may concern if they are fewer than one in so many."""

NO_ROW = -1
NEVER = -1

VISITS = 10_000
"""Between two chances to stop: hundredths of a second."""

Record = Any
"""One row of ``Records``."""


class Table(NamedTuple):
    """All arcs between groups and doctors, as in ``network.Network``."""

    groups: Records
    doctor: Small
    way: Small
    ways: Records
    reach: Small
    usual: Records
    blocks: Blocks


class Memory(NamedTuple):
    """What the passes remember."""

    at: Records
    """One PASS."""
    sleep: Small
    """``[node, 0]``: the pass in which it wakes up; ``[node, 1]``: for how long it slept."""
    ceiling: Ints
    """``[block, word]``: the highest price of a doctor when the pass began."""
    former: Ints
    """``[node, word]``: the price at the optimum that the work started from."""
    raised: Flags
    """Per block: whether the price of a doctor is above the former one."""


def passes(table: Table, tree: Tree, start: Basis | None) -> Iterator[int]:
    """Work on the tree until it is optimal; tells from time to time the pivots done so far."""
    blocks = int(table.blocks.of_doctor.max(initial=-1)) + 1
    memory = Memory(
        np.zeros(1, PASS),
        np.zeros((tree.nodes.size, 2), np.int32),
        np.zeros((blocks, 2), np.int64),
        _former(start),
        np.zeros(blocks, np.bool_),
    )
    memory.at["width"], memory.at["row"], memory.at["lulled"] = NEAR, NO_ROW, NEVER
    if start is not None:
        _resume(table, tree, memory)
    while not memory.at["done"][0]:
        sweep(table, tree, memory, VISITS)
        yield int(memory.at["pivots"][0])


def _former(start: Basis | None) -> Ints:
    if start is None:
        return np.zeros((0, 2), np.int64)
    return np.ascontiguousarray(np.stack([start.high, start.low], axis=1), np.int64)


@inlined
def doctor_of(table: Table, arc: int) -> int:
    """Where an arc leads, be it a position in the table or the name of a usual arc."""
    return int(table.doctor[arc if arc >= 0 else table.usual[-2 - arc].arc])


@lean
def cost_of(table: Table, arc: int) -> Words:
    if arc >= 0:
        return 0, table.ways[table.way[arc]].cost
    return table.usual[-2 - arc].high, table.usual[-2 - arc].low


@lean
def sweep(table: Table, tree: Tree, memory: Memory, visits: int) -> None:
    """Go on with the passes for so many visits, or until the flow is optimal (``done``)."""
    at, sleep = memory.at[0], memory.sleep
    while visits > 0 and not at.done:
        v = at.node
        if v == tree.nodes.size - 1:
            _next_pass(table, tree, memory)
            continue
        at.node += 1
        if sleep[v, 0] > at.number:
            at.asleep += 1
            continue
        visits -= 1
        if _visit(table, tree, memory, v):
            at.entered += 1
            sleep[v, 1] = 0
        else:
            sleep[v, 1] = min(2 * sleep[v, 1] + 1, LONGEST_SLEEP)
            sleep[v, 0] = at.number + sleep[v, 1]


@lean
def _resume(table: Table, tree: Tree, memory: Memory) -> None:
    """Begin with those whom a change may concern, unless they are many."""
    at = memory.at[0]
    _raise_ceilings(table, tree, memory.ceiling)
    if SOME * _lull(table, tree, memory) < tree.nodes.size:
        at.width = EVERY_DOCTOR
    else:
        at.lulled = NEVER
        memory.sleep[:] = 0


@lean
def _lull(table: Table, tree: Tree, memory: Memory) -> int:
    """Let everybody sleep who has nothing to offer if nobody had at the former prices.

    An arc has become cheaper only if its group's price fell, or its doctor's has risen. Returns
    how many stay awake.
    """
    at, nodes, former = memory.at[0], tree.nodes, memory.former
    memory.raised[:] = False
    awake = 0
    for v in range(nodes.size - 2, -1, -1):
        node = nodes[v]
        if v < tree.groups:
            stirs = less(node.high, node.low, former[v, 0], former[v, 1])
            stirs = stirs or _tempted(table, memory, table.groups[v].row, node)
        else:
            stirs = node.high != former[v, 0] or node.low != former[v, 1]
            if less(former[v, 0], former[v, 1], node.high, node.low):
                memory.raised[table.blocks.of_doctor[v - tree.groups]] = True
        memory.sleep[v, 0] = 0 if stirs else at.number + LONGEST_SLEEP
        memory.sleep[v, 1] = 0
        awake += stirs
    at.lulled = at.pivots
    return awake


@inlined
def _tempted(table: Table, memory: Memory, row: int, node: Record) -> bool:
    """Whether a doctor whose price has risen may still be cheap enough for a group of the row."""
    blocks, ceiling = table.blocks, memory.ceiling
    for b in range(blocks.start[row], blocks.start[row + 1]):
        block = blocks.block[b]
        if memory.raised[block]:
            high, low = ceiling[block, 0], ceiling[block, 1]
            if less(-high, table.ways[blocks.way[b]].floor - low, -node.high, -node.low):
                return True
    return False


@lean
def _next_pass(table: Table, tree: Tree, memory: Memory) -> None:
    """If little entered, look further; if nothing, wake everybody or be done."""
    at = memory.at[0]
    if at.width < EVERY_DOCTOR:
        turn = FEW * at.entered < tree.nodes.size
        if turn:
            at.width = FURTHER if at.width < FURTHER else EVERY_DOCTOR
    else:
        turn = at.entered == 0
        at.done = turn and at.asleep == 0
    if at.width == EVERY_DOCTOR:
        _raise_ceilings(table, tree, memory.ceiling)
    if turn and at.lulled not in (NEVER, at.pivots):
        _lull(table, tree, memory)
    elif turn:
        at.lulled = NEVER
        memory.sleep[:] = 0
    at.number += 1
    at.node, at.entered, at.asleep, at.row = 0, 0, 0, NO_ROW


@lean
def _raise_ceilings(table: Table, tree: Tree, ceiling: Ints) -> None:
    for block in range(ceiling.shape[0]):
        ceiling[block, 0], ceiling[block, 1] = -BEYOND, 0
    for v in range(tree.groups, tree.nodes.size - 1):
        node, block = tree.nodes[v], table.blocks.of_doctor[v - tree.groups]
        if less(ceiling[block, 0], ceiling[block, 1], node.high, node.low):
            ceiling[block, 0], ceiling[block, 1] = node.high, node.low


@inlined
def _visit(table: Table, tree: Tree, memory: Memory, v: int) -> bool:
    """Let the best arc of a node enter, if it has one of negative reduced cost."""
    high, low, arc = 0, 0, TO_SINK
    p, q = v, v
    if v < tree.groups:
        high, low, arc = _best_arc(table, tree, memory, v)
    if arc != TO_SINK:
        q = tree.groups + doctor_of(table, arc)
    if tree.nodes[v].arc != TO_SINK:
        sink_high, sink_low, step = _best_sink_arc(tree, v)
        if less(sink_high, sink_low, high, low):
            high, low, arc = sink_high, sink_low, TO_SINK
            root = tree.nodes.size - 1
            p, q = (v, root) if step > 0 else (root, v)
    if p == q:
        return False
    enter(tree, arc, (p, q), (high, low))
    memory.at[0].pivots += 1
    return True


@inlined
def _best_arc(table: Table, tree: Tree, memory: Memory, g: int) -> tuple[int, int, int]:
    """The arc to a doctor with the least reduced cost, if negative: the cost and the name."""
    group, own, at = table.groups[g], tree.nodes[g], memory.at[0]
    learnt = at.row == group.begin and at.row_pivots == at.pivots
    high, low, best = -own.high, -own.low, TO_SINK
    if not learnt or less(at.row_high, at.row_low, high, low):
        high, low, best = _scan(table, tree, memory, group, (high, low))
    for u in range(group.usual, group.usual_end):
        arc = table.usual[u]
        node = tree.nodes[tree.groups + table.doctor[arc.arc]]
        h, c = arc.high - node.high, arc.low - node.low
        if less(h, c, high, low):
            high, low, best = h, c, -2 - u
    return high + own.high, low + own.low, best


@inlined
def _scan(
    table: Table, tree: Tree, memory: Memory, group: Record, most: Words
) -> tuple[int, int, int]:
    """The arc of the row with the least cost less price, if less than ``most``."""
    doctor, way, ways, reach, at = table.doctor, table.way, table.ways, table.reach, memory.at[0]
    high, low = most
    best = TO_SINK
    top_high, top_low, least_high, least_low = _highest(table, memory, group.row, most)
    a, end = group.begin, min(group.end, group.begin + at.width)
    while a < end:
        w = way[a]
        floor = ways[w].floor - top_low
        if w > group.limit or not less(-top_high, floor, high, low):
            if less(-top_high, floor, least_high, least_low):
                least_high, least_low = -top_high, floor
            break
        j = doctor[a]
        node = tree.nodes[tree.groups + j]
        h, c = -node.high, ways[w].cost - node.low
        if less(h, c, least_high, least_low):
            least_high, least_low = h, c
        if less(h, c, high, low) and w <= reach[group.kind, j]:
            high, low, best = h, c, a
        a += 1
    at.scanned += a - group.begin
    if group.begin < group.end:  # an empty row begins where the next one does
        at.row, at.row_pivots = group.begin, at.pivots
        at.row_high, at.row_low = least_high, least_low
    return high, low, best


@inlined
def _highest(table: Table, memory: Memory, row: int, most: Words) -> tuple[int, int, int, int]:
    """The highest price of a doctor worth looking at, and the least cost less price of the others.

    A block is not worth it if even its ceiling, at its shortest way, is not less than ``most``.
    While only parts of rows are looked at, nobody is expected to have a price above zero.
    """
    if memory.at[0].width < EVERY_DOCTOR:
        return 0, 0, BEYOND, 0
    blocks, ceiling = table.blocks, memory.ceiling
    top_high, top_low, least_high, least_low = -BEYOND, 0, BEYOND, 0
    for b in range(blocks.start[row], blocks.start[row + 1]):
        high, low = ceiling[blocks.block[b], 0], ceiling[blocks.block[b], 1]
        cheap = table.ways[blocks.way[b]].floor - low
        if less(-high, cheap, most[0], most[1]):
            if less(top_high, top_low, high, low):
                top_high, top_low = high, low
        elif less(-high, cheap, least_high, least_low):
            least_high, least_low = -high, cheap
    return top_high, top_low, least_high, least_low


@inlined
def _best_sink_arc(tree: Tree, v: int) -> tuple[int, int, int]:
    """What filling (1) or emptying (-1) a sink arc of a node that hangs elsewhere would cost."""
    node, sinks = tree.nodes[v], tree.sinks
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
