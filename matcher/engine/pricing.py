"""What one visit does: the cheapest arc of a node is looked for, and enters if it lowers the cost.

Two short cuts spare most of a row. Blocks of doctors have ceilings on their prices, taken when a
pass begins, and scanning a row stops where nothing below its ceilings can be cheap enough. And what
one group learns of a row is a bound for the other groups of the place, as long as no price changes.
"""

from typing import Any, NamedTuple

import numpy as np

from compilation import inlined
from matcher.engine.pivoting import BEYOND, Words, enter, less
from matcher.engine.table import Table, doctor_of
from matcher.engine.tree import TO_SINK, Records, Tree
from matcher.network import Small
from matcher.problem import Flags, Ints

_WHERE = ("width", "number", "node", "entered", "asleep", "done", "pivots", "scanned")
_LEARNT = ("row", "row_pivots", "row_high", "row_low")
PASS = np.dtype([(name, np.int64) for name in (*_WHERE, "lulled", *_LEARNT)])
"""Where the work stands: in which pass, at which node; after how many pivots only those were woken
up whom changed prices concern; and what was last learnt of a row (where it begins, after how many
pivots, the least cost less price of an arc in it)."""

NEAR, FURTHER, EVERY_DOCTOR = 5, 24, 2**40
"""How much of a row is looked at."""

Record = Any
"""One row of ``Records``."""


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


@inlined
def visit(table: Table, tree: Tree, memory: Memory, v: int) -> bool:
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
