"""What one visit does: the cheapest arc of a node is looked for, and enters if it lowers the cost.

A visit looks at the whole row of a group, at its nearest doctors only, or at its *shortlist*: the
arcs that were cheapest when the whole row was looked at last.

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
from matcher.problem import Ints

_WHERE = (
    "width",
    "widest",
    "listing",
    "number",
    "node",
    "entered",
    "asleep",
    "done",
    "pivots",
    "scanned",
)
_LEARNT = ("row", "row_pivots", "row_high", "row_low")
PASS = np.dtype([(name, np.int64) for name in (*_WHERE, "lulled", *_LEARNT)])
"""Where the work stands: in which pass, at which node; after how many pivots only those were woken
up whom changed prices concern; and what was last learnt of a row (where it begins, after how many
pivots, the least cost less price of an arc in it)."""

SHORTLIST, NEAR, FURTHER, EVERY_DOCTOR = 0, 5, 24, 2**40
"""How much of a row is looked at."""

LISTED = 6
"""Arcs on a shortlist."""

NO_ARC = -1

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
    """``[node, word]``: the price when last nobody slept who had anything to offer."""
    risen: Ints
    """``[block, word]``: the highest price of a doctor whose price is above the former one."""
    shortlist: Small
    """``[group, rank]``: positions in the table, the cheapest first; NO_ARC behind the last."""
    marks: Ints
    """``[rank, word]``: the cost less price of the arcs of a shortlist that is being made."""


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
    if at.width == SHORTLIST:
        high, low, best = _look_again(table, tree, memory, g, (high, low))
    elif not learnt or less(at.row_high, at.row_low, high, low):
        high, low, best = _scan(table, tree, memory, g, (high, low))
    for u in range(group.usual, group.usual_end):
        arc = table.usual[u]
        node = tree.nodes[tree.groups + table.doctor[arc.arc]]
        h, c = arc.high - node.high, arc.low - node.low
        if less(h, c, high, low):
            high, low, best = h, c, -2 - u
    return high + own.high, low + own.low, best


@inlined
def _look_again(
    table: Table, tree: Tree, memory: Memory, g: int, most: Words
) -> tuple[int, int, int]:
    """The arc of the shortlist with the least cost less price, if less than ``most``."""
    high, low = most
    best = TO_SINK
    for rank in range(LISTED):
        a = memory.shortlist[g, rank]
        if a == NO_ARC:
            break
        node = tree.nodes[tree.groups + table.doctor[a]]
        h, c = -node.high, table.ways[table.way[a]].cost - node.low
        if less(h, c, high, low):
            high, low, best = h, c, a
    return high, low, best


@inlined
def _scan(table: Table, tree: Tree, memory: Memory, g: int, most: Words) -> tuple[int, int, int]:
    """The arc of the row with the least cost less price, if less than ``most``.

    Looking at the whole row makes the shortlist anew.
    """
    doctor, way, ways, reach, at = table.doctor, table.way, table.ways, table.reach, memory.at[0]
    group = table.groups[g]
    high, low = most
    best, listed = TO_SINK, 0
    bar_high, bar_low = (BEYOND, 0) if at.listing else most
    top_high, top_low, least_high, least_low = _highest(table, memory, group.row, most)
    a, end = group.begin, min(group.end, group.begin + at.width)
    while a < end:
        w = way[a]
        floor = ways[w].floor - top_low
        if w > group.limit or not less(-top_high, floor, high, low):
            least_high, least_low = _lesser(-top_high, floor, least_high, least_low)
            break
        j = doctor[a]
        node = tree.nodes[tree.groups + j]
        h, c = -node.high, ways[w].cost - node.low
        least_high, least_low = _lesser(h, c, least_high, least_low)
        if less(h, c, bar_high, bar_low) and w <= reach[group.kind, j]:
            if less(h, c, high, low):
                high, low, best = h, c, a
            bar_high, bar_low = high, low
            if at.listing:
                listed, bar_high, bar_low = _list(memory, g, listed, (h, c, a))
        a += 1
    if at.listing and listed < LISTED:
        memory.shortlist[g, listed] = NO_ARC
    at.scanned += a - group.begin
    if group.begin < group.end:  # an empty row begins where the next one does
        at.row, at.row_pivots = group.begin, at.pivots
        at.row_high, at.row_low = least_high, least_low
    return high, low, best


@inlined
def _lesser(high: int, low: int, other_high: int, other_low: int) -> Words:
    if less(high, low, other_high, other_low):
        return high, low
    return other_high, other_low


@inlined
def _list(memory: Memory, g: int, listed: int, arc: tuple[int, int, int]) -> tuple[int, int, int]:
    """Put an arc on a shortlist: how many are on it then, and what another must be less than."""
    shortlist, marks = memory.shortlist, memory.marks
    high, low, a = arc
    rank = min(listed, LISTED - 1)
    while rank > 0 and less(high, low, marks[rank - 1, 0], marks[rank - 1, 1]):
        marks[rank, 0], marks[rank, 1] = marks[rank - 1, 0], marks[rank - 1, 1]
        shortlist[g, rank] = shortlist[g, rank - 1]
        rank -= 1
    marks[rank, 0], marks[rank, 1], shortlist[g, rank] = high, low, a
    if listed < LISTED - 1:
        return listed + 1, BEYOND, 0
    return LISTED, marks[LISTED - 1, 0], marks[LISTED - 1, 1]


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
        else:
            least_high, least_low = _lesser(-high, cheap, least_high, least_low)
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
