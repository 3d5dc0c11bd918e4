"""All arcs between groups and doctors, as the compiled loops read them."""

from typing import NamedTuple

import numpy as np

from compilation import inlined, lean
from matcher.engine.blocks import Blocks
from matcher.engine.pivoting import Words
from matcher.engine.tree import Records
from matcher.network import Small

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


class Table(NamedTuple):
    """All arcs between groups and doctors, as in ``network.Network``."""

    groups: Records
    doctor: Small
    way: Small
    ways: Records
    reach: Small
    usual: Records
    blocks: Blocks


@inlined
def doctor_of(table: Table, arc: int) -> int:
    """Where an arc leads, be it a position in the table or the name of a usual arc."""
    return int(table.doctor[arc if arc >= 0 else table.usual[-2 - arc].arc])


@lean
def cost_of(table: Table, arc: int) -> Words:
    if arc >= 0:
        return 0, table.ways[table.way[arc]].cost
    return table.usual[-2 - arc].high, table.usual[-2 - arc].low
