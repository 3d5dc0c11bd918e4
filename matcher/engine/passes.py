"""Pass after pass over all nodes until no arc would lower the cost: the loop around the pivots.

A *visit* prices the arcs of one node and lets the best of them enter. Passes over all nodes look at
the five nearest doctors of each row first, then at two dozen, then at all; after a pass over whole
rows come passes over the shortlists it made, until those offer nothing more. A node that offered
nothing sleeps for 1, 3, 7, ... passes.

Before whole rows are looked at once more, those wake up whom the changes since may concern, and if
nothing has changed, everybody. A pass in which everybody was awake, every arc was priced and none
would do is the proof of the optimum. It changes nothing, so the ceilings taken when it began are
right to the end: the short cuts of pricing leave it whole.
"""

from collections.abc import Iterator

import numpy as np

from compilation import inlined, lean
from matcher.engine.pivoting import BEYOND, less
from matcher.engine.pricing import (
    EVERY_DOCTOR,
    FURTHER,
    LISTED,
    NEAR,
    NO_ARC,
    PASS,
    SHORTLIST,
    Memory,
    Record,
    visit,
)
from matcher.engine.table import Table
from matcher.engine.tree import Tree
from matcher.network import Basis
from matcher.problem import Ints

FEW = 32
"""Passes over parts of rows end when fewer than one node in so many had an arc to offer."""

LONGEST_SLEEP = 31

SOME = 4
"""Work begins with the nodes that a change may concern if they are fewer than one in so many."""

NO_ROW = -1
NEVER = -1

VISITS = 10_000
"""Between two chances to stop: hundredths of a second."""


def passes(
    table: Table, tree: Tree, start: Basis | None, *, widest: int = EVERY_DOCTOR
) -> Iterator[int]:
    """Work on the tree until it is optimal; tells from time to time the pivots done so far.

    With less than every doctor as ``widest``, until little is to be gained from so near ones.
    """
    blocks = int(table.blocks.of_doctor.max(initial=-1)) + 1
    memory = Memory(
        at=np.zeros(1, PASS),
        sleep=np.zeros((tree.nodes.size, 2), np.int32),
        ceiling=np.zeros((blocks, 2), np.int64),
        former=_former(tree, start),
        risen=np.zeros((blocks, 2), np.int64),
        shortlist=np.full((tree.groups, LISTED), NO_ARC, np.int32),
        marks=np.zeros((LISTED, 2), np.int64),
    )
    memory.at["width"], memory.at["widest"] = NEAR, widest
    memory.at["row"], memory.at["lulled"] = NO_ROW, NEVER
    if start is not None:
        _resume(table, tree, memory)
    while not memory.at["done"][0]:
        sweep(table, tree, memory, VISITS)
        yield int(memory.at["pivots"][0])


def _former(tree: Tree, start: Basis | None) -> Ints:
    if start is None:
        return np.zeros((tree.nodes.size, 2), np.int64)
    return np.ascontiguousarray(np.stack([start.high, start.low], axis=1), np.int64)


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
        if visit(table, tree, memory, v):
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
        at.width, at.listing = EVERY_DOCTOR, True
    else:
        at.lulled = NEVER
        memory.sleep[:] = 0


@lean
def _lull(table: Table, tree: Tree, memory: Memory) -> int:
    """Let everybody sleep who has nothing to offer if nobody had at the former prices.

    An arc has become cheaper only if its group's price fell, or its doctor's has risen. Returns
    how many stay awake. Today's prices are the former ones from now on.
    """
    at, nodes, former, risen = memory.at[0], tree.nodes, memory.former, memory.risen
    risen[:, 0], risen[:, 1] = -BEYOND, 0
    awake = 0
    for v in range(nodes.size - 2, -1, -1):
        node = nodes[v]
        if v < tree.groups:
            stirs = less(node.high, node.low, former[v, 0], former[v, 1])
            stirs = stirs or _tempted(table, memory, table.groups[v].row, node)
        else:
            stirs = node.high != former[v, 0] or node.low != former[v, 1]
            if less(former[v, 0], former[v, 1], node.high, node.low):
                block = table.blocks.of_doctor[v - tree.groups]
                if less(risen[block, 0], risen[block, 1], node.high, node.low):
                    risen[block, 0], risen[block, 1] = node.high, node.low
        memory.sleep[v, 0] = 0 if stirs else at.number + LONGEST_SLEEP
        memory.sleep[v, 1] = 0
        awake += stirs
    _remember(tree, memory)
    return awake


@lean
def _remember(tree: Tree, memory: Memory) -> None:
    """Take today's prices for the former ones."""
    memory.at[0].lulled = memory.at[0].pivots
    for v in range(tree.nodes.size - 1):
        memory.former[v, 0], memory.former[v, 1] = tree.nodes[v].high, tree.nodes[v].low


@inlined
def _tempted(table: Table, memory: Memory, row: int, node: Record) -> bool:
    """Whether a doctor whose price has risen may still be cheap enough for a group of the row."""
    blocks, risen = table.blocks, memory.risen
    for b in range(blocks.start[row], blocks.start[row + 1]):
        high, low = risen[blocks.block[b], 0], risen[blocks.block[b], 1]
        if high != -BEYOND:
            cheap = table.ways[blocks.way[b]].floor - low
            if less(-high, cheap, -node.high, -node.low):
                return True
    return False


@lean
def _next_pass(table: Table, tree: Tree, memory: Memory) -> None:
    """Decide how much of the rows to look at next and who wakes up, or that all is done."""
    at = memory.at[0]
    partly = 0 < at.width < EVERY_DOCTOR
    spent = FEW * at.entered < tree.nodes.size if partly else at.entered == 0
    at.done = spent and at.width == at.widest and (partly or at.asleep == 0)
    if spent:
        at.width = FURTHER if at.width == NEAR else EVERY_DOCTOR
        if at.width == EVERY_DOCTOR:
            _raise_ceilings(table, tree, memory.ceiling)
        at.listing = at.width == EVERY_DOCTOR and at.lulled != at.pivots
        if at.lulled not in (NEVER, at.pivots):
            _lull(table, tree, memory)
        else:
            _wake_up(tree, memory)
    elif at.width == EVERY_DOCTOR and at.listing:
        at.width = SHORTLIST
        _stay_up(memory)
    at.number += 1
    at.node, at.entered, at.asleep, at.row = 0, 0, 0, NO_ROW


@lean
def _stay_up(memory: Memory) -> None:
    """Wake those up again who only went to sleep in this pass or shortly before."""
    for v in range(memory.sleep.shape[0]):
        if memory.sleep[v, 1] > 0:
            memory.sleep[v, 0], memory.sleep[v, 1] = 0, 0


@lean
def _wake_up(tree: Tree, memory: Memory) -> None:
    """Let nobody sleep any longer."""
    memory.sleep[:] = 0
    if memory.at[0].width == EVERY_DOCTOR:
        _remember(tree, memory)


@lean
def _raise_ceilings(table: Table, tree: Tree, ceiling: Ints) -> None:
    for block in range(ceiling.shape[0]):
        ceiling[block, 0], ceiling[block, 1] = -BEYOND, 0
    for v in range(tree.groups, tree.nodes.size - 1):
        node, block = tree.nodes[v], table.blocks.of_doctor[v - tree.groups]
        if less(ceiling[block, 0], ceiling[block, 1], node.high, node.low):
            ceiling[block, 0], ceiling[block, 1] = node.high, node.low
