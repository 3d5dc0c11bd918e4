"""Arcs of chosen groups, written down: what an integer programme may choose from.

The network keeps no list of its arcs. Here those of a few groups, or those that cost little more
than the optimum, become explicit *columns*, group by group in pieces of bounded size.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matcher.levels import Level
from matcher.network import Costs, Flow, Network
from matcher.problem import Flags, Ints

FAR = 2**50
"""A loss in the high word, or one as large: more than a loss on the last level ever is."""

PIECE = 2_000_000
"""Arcs looked at together."""


@dataclass(frozen=True)
class Columns:
    """Arcs, one a row, the groups ascending; none is twice there."""

    group: Ints
    arc: Ints
    """Position in the table."""
    gain: Ints
    """``usual_gain`` where the doctor is the usual one, else 0: cheaper, so nobody goes without."""
    loss: Ints
    """What a place on it costs more than at the optimum, in the low word; FAR at most."""

    def at(self, kept: Flags | Ints) -> "Columns":
        """Some of the columns."""
        return Columns(self.group[kept], self.arc[kept], self.gain[kept], self.loss[kept])

    def cost(self, network: Network, goal: Level) -> Ints:
        """What a place on each column costs on one level."""
        return goal.way[network.way[self.arc]] + goal.usual * self.gain


def near(network: Network, costs: Costs, flow: Flow, groups: Ints, most: Ints) -> Columns:
    """The arcs of ``groups`` (ascending) that cost at most so much more a place than the optimum.

    ``most`` is one limit per group, in the low word; what is lost in the high word counts as FAR.
    """
    limit = np.full(network.groups, -1, np.int64)
    limit[groups] = most
    found = []
    for columns in _pieces(network, groups):
        doctor = network.doctor[columns.arc]
        high = columns.gain * costs.usual[0]
        high += flow.group_high[columns.group] - flow.doctor_high[doctor]
        low = costs.way[network.way[columns.arc]] + columns.gain * costs.usual[1]
        low += flow.group_low[columns.group] - flow.doctor_low[doctor]
        loss = np.where(high > 0, FAR, np.minimum(low, FAR))
        priced = Columns(columns.group, columns.arc, columns.gain, loss)
        found.append(priced.at(loss <= limit[columns.group]))
    return _joined(found)


def every(network: Network, groups: Ints) -> Columns:
    """All arcs of ``groups`` (ascending), without prices."""
    return _joined(list(_pieces(network, groups)))


def cheapest(columns: Columns, number: int, kept: Flags) -> Columns:
    """The ``kept`` columns, and of each group at most so many others, those that lose least."""
    order = np.lexsort((columns.arc, columns.loss, kept, columns.group))
    group = columns.group[order]
    rank = np.arange(group.size) - np.searchsorted(group, group)
    return columns.at(kept | np.isin(np.arange(group.size), order[rank < number]))


def _joined(parts: list[Columns]) -> Columns:
    none = Columns(*(np.zeros(0, np.int64) for _ in range(4)))
    return Columns(
        *(
            np.concatenate([getattr(part, name) for part in [none, *parts]])
            for name in ("group", "arc", "gain", "loss")
        )
    )


def _pieces(network: Network, groups: Ints) -> Iterator[Columns]:
    length = np.diff(network.start)[network.row[groups]]
    piece = np.cumsum(length) // PIECE
    for part in np.split(groups, np.flatnonzero(np.diff(piece)) + 1):
        if part.size:
            yield _arcs(network, part)


def _arcs(network: Network, groups: Ints) -> Columns:
    """Every arc of some groups, losses left at zero."""
    row = network.row[groups]
    length = np.diff(network.start)[row]
    before = np.cumsum(length) - length
    group = np.repeat(groups, length)
    arc = np.arange(group.size) + np.repeat(network.start[row] - before, length)
    gain = np.zeros(group.size, np.int64)
    known, asked = _spans(network.usual_start, groups)
    gain[before[asked] + network.usual_arc[known] - network.start[row[asked]]] = network.usual_gain[
        known
    ]
    reach = network.reach[network.kind[group], network.doctor[arc]]
    usable = network.way[arc] <= np.minimum(network.limit[group], reach)
    return Columns(group, arc, gain, np.zeros_like(arc)).at(usable)


def _spans(start: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """The positions in the spans of some rows, and which of ``rows`` each belongs to."""
    length = start[rows + 1] - start[rows]
    which = np.repeat(np.arange(rows.size), length)
    inside = np.arange(which.size) - np.repeat(np.cumsum(length) - length, length)
    return start[rows[which]] + inside, which
