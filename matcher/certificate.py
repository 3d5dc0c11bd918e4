"""Proves a flow optimal by its prices, in plain NumPy, sharing no code with the engines.

Weak duality: whatever the prices, as long as no arc from a group to a doctor has a negative
reduced cost, every flow costs at least their dual value. So where a flow keeps every rule and costs
just that, none is cheaper, whoever wrote the flow and the prices. The argument adds and compares
costs, nothing else; it holds for costs of two words, added word by word and compared one word after
the other, as it does for numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from matcher.network import Costs, Flow, Network, Small
from matcher.problem import Flags, Ints

LARGEST = 2**60
"""No word of a cost or a price may exceed this: four of them still add up in 64 bits."""

MOST_PLACES = 2**31
"""Nor may all places together exceed this: as many numbers of half a word still add up."""

HALF = 30
"""Bits of the lower half of a word."""

CHUNK = 2**16
"""Positions of the table looked at together: they stay in the cache of a core."""


def breaches(network: Network, costs: Costs, flow: Flow) -> Iterator[str]:
    """What is wrong with a flow and its prices, as sentences; nothing if it is proven optimal.

    Each step relies on those before it: the first that finds something is the last one taken.
    """
    for step in (_misshapen, _misplaced, _unbalanced, _underpriced, _unequal):
        found = list(step(network, costs, flow))
        yield from found
        if found:
            return


def _misshapen(network: Network, costs: Costs, flow: Flow) -> Iterator[str]:
    """Whether every number is there, and small enough for exact sums."""
    sizes = {
        **dict.fromkeys(("group", "arc", "usual", "amount"), flow.group.size),
        **dict.fromkeys(("group_high", "group_low"), network.groups),
        **dict.fromkeys(("doctor_high", "doctor_low"), network.doctors),
        "stay": network.types,
    }
    for name, size in sizes.items():
        column = getattr(flow, name)
        if column.shape != (size,) or column.dtype != np.int64:
            yield f"{name} is not a column of {size} whole numbers"
    prices = (flow.group_high, flow.group_low, flow.doctor_high, flow.doctor_low)
    words = (*prices, costs.way, costs.stay_high, costs.stay_low, costs.segment)
    usual = max(map(abs, costs.usual)) * int(network.usual_gain.max(initial=0))
    if usual > LARGEST or not all(_between(-LARGEST, column, LARGEST) for column in words):
        yield "a cost or a price is too large for exact sums"
    rooms = (network.supply, network.type_room, network.places)
    if any(column.sum(dtype=np.float64) > MOST_PLACES for column in rooms):
        yield "there are too many places for exact sums"


def _misplaced(network: Network, _costs: Costs, flow: Flow) -> Iterator[str]:
    """Whether everything goes along an arc of its group, each named once."""
    group, arc, usual = flow.group, flow.arc, flow.usual
    exist = (
        _between(0, group, network.groups - 1),
        _between(0, arc, network.way.size - 1),
        _between(-1, usual, network.usual_arc.size - 1),
    )
    if not all(exist):
        yield "an arc is named that does not exist"
        return
    row = network.row[group]
    inside = (network.start[row] <= arc) & (arc < network.start[row + 1])
    if not (inside & _serves(network, group, network.doctor[arc], network.way[arc])).all():
        yield "a group goes to a doctor who does not serve it"
    known = usual >= 0
    whose, which = group[known], usual[known]
    own = _between(network.usual_start[whose], which, network.usual_start[whose + 1] - 1)
    if not own or (network.usual_arc[which] != arc[known]).any():
        yield "a group goes as if to its usual doctor to another"
    if np.unique(2 * (group * network.way.size + arc) + known).size < group.size:
        yield "an arc is named twice"


def _between(low: int | Ints, column: Ints, high: int | Ints) -> bool:
    return bool(((low <= column) & (column <= high)).all())


def _serves(network: Network, group: Ints, doctor: Small, way: Small) -> Flags:
    reach = network.reach[network.kind[group], doctor]
    serves: Flags = way <= np.minimum(network.limit[group], reach)
    return serves


def _unbalanced(network: Network, _costs: Costs, flow: Flow) -> Iterator[str]:
    """Whether everybody goes or stays, and nobody gets more places than there are."""
    if not _between(1, flow.amount, network.supply[flow.group]):
        yield "an arc carries nothing, or more than its whole group"
        return
    if not _between(0, flow.stay, network.type_room):
        yield "more than all of a type stay, or fewer than none"
        return
    given = _sums(flow.group, flow.amount, network.groups)
    stay = _sums(network.group_of_type, flow.stay, network.groups)
    if (given + stay != network.supply).any():
        yield "a group is not all there"
    if (_load(network, flow) > network.places - network.taken).any():
        yield "a doctor gives more places than are left"


def _sums(row: Ints | Small, amount: Ints, rows: int) -> Ints:
    sums = np.zeros(rows, np.int64)
    np.add.at(sums, row, amount)
    return sums


def _load(network: Network, flow: Flow) -> Ints:
    return _sums(network.doctor[flow.arc], flow.amount, network.doctors)


def _underpriced(network: Network, costs: Costs, flow: Flow) -> Iterator[str]:
    """Whether some arc from a group to a doctor has a negative reduced cost."""
    group = np.repeat(np.arange(network.groups), np.diff(network.usual_start))
    arc, gain = network.usual_arc, network.usual_gain
    doctor = network.doctor[arc]
    high = flow.group_high[group] - flow.doctor_high[doctor] + gain * costs.usual[0]
    low = flow.group_low[group] - flow.doctor_low[doctor] + gain * costs.usual[1]
    low += costs.way[network.way[arc]]
    if ((high < 0) | ((high == 0) & (low < 0))).any():
        yield "the way to a usual doctor has a negative reduced cost"
    ranked = _ranked(network, flow)
    cuts = np.searchsorted(network.start, np.arange(0, network.way.size, CHUNK))
    spans = pairwise(np.unique([*cuts, network.start.size - 1]).tolist())
    count = sum(_underpriced_in(network, costs, flow, ranked, rows) for rows in spans)
    if count:
        yield f"{count} ways to a doctor have a negative reduced cost"


@dataclass(frozen=True)
class _Ranked:
    """The groups of each row of the table by ascending price, with an infinite price at the end."""

    first: Ints
    """Per row: where its groups begin."""
    group: Ints
    """-1 for the end of a row."""
    high: Ints
    low: Ints


def _ranked(network: Network, flow: Flow) -> _Ranked:
    rows = np.arange(network.start.size - 1)
    order = np.lexsort((flow.group_low, flow.group_high, network.row))
    ends = np.searchsorted(network.row[order], rows, side="right")
    first = np.concatenate([[0], ends[:-1]]) + rows
    infinite = np.int64(2 * LARGEST)
    return _Ranked(
        first,
        np.insert(order, ends, -1),
        np.insert(flow.group_high[order], ends, infinite),
        np.insert(flow.group_low[order], ends, infinite),
    )


def _underpriced_in(
    network: Network, costs: Costs, flow: Flow, ranked: _Ranked, rows: tuple[int, int]
) -> int:
    """How many arcs have a negative reduced cost in a span of rows of the table.

    They are those where the price of the doctor less the cost of the way exceeds the price of the
    group. So each position is compared with the group of the lowest price in its row; those that
    exceed it, with the next; and so on: few go far.
    """
    span = slice(*network.start[list(rows)].tolist())
    doctor, way = network.doctor[span], network.way[span]
    high, low = flow.doctor_high[doctor], flow.doctor_low[doctor] - costs.way[way]
    length = np.diff(network.start[rows[0] : rows[1] + 1])
    at = np.repeat(ranked.first[rows[0] : rows[1]], length)
    found = 0
    while at.size:
        above = (high > ranked.high[at]) | ((high == ranked.high[at]) & (low > ranked.low[at]))
        kept = np.flatnonzero(above)
        at, high, low = at[kept], high[kept], low[kept]
        doctor, way = doctor[kept], way[kept]
        found += int(_serves(network, ranked.group[at], doctor, way).sum())
        at += 1
    return found


def _unequal(network: Network, costs: Costs, flow: Flow) -> Iterator[str]:
    """Whether the flow costs what the prices say that any must."""
    spent, needed = _primal(network, costs, flow), _dual(network, costs, flow)
    if spent != needed:
        yield f"the flow costs {spent}, the prices prove {needed}"


def _primal(network: Network, costs: Costs, flow: Flow) -> tuple[int, int]:
    """What the flow costs, word by word."""
    known = flow.usual >= 0
    gain = _total(network.usual_gain[flow.usual[known]], flow.amount[known])
    room = network.segment_room
    before = np.cumsum(room, axis=1) - room
    filled = np.clip(_load(network, flow)[:, None] - before, 0, room).sum(axis=0)
    return (
        _total(costs.stay_high, flow.stay) + gain * costs.usual[0],
        _total(costs.stay_low, flow.stay)
        + gain * costs.usual[1]
        + _total(costs.way[network.way[flow.arc]], flow.amount)
        + _total(costs.segment, filled),
    )


def _dual(network: Network, costs: Costs, flow: Flow) -> tuple[int, int]:
    """What any flow costs at least, word by word: an arc to the sink gains if it is negative."""
    group = network.group_of_type
    high = np.concatenate(
        [
            costs.stay_high + flow.group_high[group],
            np.repeat(flow.doctor_high, costs.segment.size),
        ]
    )
    low = np.concatenate(
        [
            costs.stay_low + flow.group_low[group],
            (flow.doctor_low[:, None] + costs.segment).reshape(-1),
        ]
    )
    room = np.concatenate([network.type_room, network.segment_room.reshape(-1)])
    room[(high > 0) | ((high == 0) & (low >= 0))] = 0
    return (
        _total(high, room) - _total(flow.group_high, network.supply),
        _total(low, room) - _total(flow.group_low, network.supply),
    )


def _total(cost: Ints, amount: Ints) -> int:
    """The exact sum of the products, half a word of the cost at a time."""
    upper, lower = cost >> HALF, cost & ((1 << HALF) - 1)
    return (int(upper @ amount) << HALF) + int(lower @ amount)
