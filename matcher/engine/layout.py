"""Between a network as others see it and the records that the compiled loops work on.

The sink arcs of a group are its types. Those of a doctor are the tenths of the places, and one more
that nobody uses in the end: it has room for everybody, at a price above all others.
"""

from dataclasses import dataclass

import numpy as np

from compilation import frozen
from matcher.engine.blocks import gather
from matcher.engine.table import GROUP, USUAL, WAY, Table
from matcher.engine.tree import NODE, SINK_ARC, TO_SINK, Records, Tree
from matcher.network import SEGMENTS, Basis, Costs, Flow, Network
from matcher.problem import Flags, Ints

OUTLETS = SEGMENTS + 1
"""Sink arcs of a doctor."""

UNLIMITED = 2**61

LARGEST = 2**62
"""Prices stay below it: the sum of two of them and a cost fits in 64 bits."""


OF_TABLE = ("start", "doctor", "way")
OF_ARCS = (*OF_TABLE, "reach", "row", "kind", "limit", "usual_start", "usual_arc", "usual_gain")


@dataclass(frozen=True)
class Arcs:
    """The arcs between groups and doctors, and of what they are read."""

    network: Network
    costs: Costs
    table: Table

    def share(self, network: Network, names: tuple[str, ...] = OF_ARCS) -> bool:
        """Whether another network has the very same arrays, not only equal ones."""
        return all(getattr(self.network, name) is getattr(network, name) for name in names)


def arcs(network: Network, costs: Costs, start: Basis | None) -> Arcs:
    """The arcs of a network; what the basis knows of them already is not read again."""
    former = _read_before(start)
    if former is not None and former.costs is costs and former.share(network):
        return Arcs(network, costs, former.table)
    return Arcs(network, costs, _table(network, costs, former))


def _read_before(start: Basis | None) -> Arcs | None:
    return start.arcs if start is not None and isinstance(start.arcs, Arcs) else None


def _table(network: Network, costs: Costs, former: Arcs | None) -> Table:
    if former is not None and former.share(network, OF_TABLE):
        blocks = former.table.blocks
    else:
        blocks = gather(network.start, network.doctor, network.way, network.doctors)
    return Table(
        groups=_groups(network),
        doctor=frozen(network.doctor, np.int32),
        way=frozen(network.way, np.int32),
        ways=_ways(costs),
        reach=frozen(network.reach, np.int32),
        usual=_usual(network, costs),
        blocks=blocks,
    )


def seeds(network: Network, costs: Costs) -> Tree:
    """The nodes and their arcs to the sink, not yet hung anywhere."""
    size = network.groups + network.doctors + 1
    nodes = _in_lines(size)
    nodes["first"][: network.groups] = network.type_start[:-1]
    nodes["first"][network.groups :] = network.types + OUTLETS * np.arange(network.doctors + 1)
    tree = Tree(network.groups, nodes, np.zeros(size, np.int32), _sink_arcs(network, costs))
    set_stay(tree, costs)
    return tree


def latecomers(network: Network, costs: Costs) -> Flags:
    """Per type: whether it costs so little to leave without doctor that there may be no place left.

    Counted over all places and people, class by class, the first first.
    """
    urgency = (network.type_classes > 0).argmax(axis=1)
    places = np.bincount(urgency, network.type_room, network.type_classes.shape[1])
    fit = np.cumsum(places) <= network.segment_room.sum()
    late: Flags = urgency >= np.count_nonzero(fit)
    if late.any():
        high = costs.stay_high[late].max()
        low = costs.stay_low[late & (costs.stay_high == high)].max()
        level = costs.stay_high == high
        late = (costs.stay_high < high) | (level & (costs.stay_low <= low))
    return late


def set_stay(tree: Tree, costs: Costs, later: Flags | None = None) -> None:
    """What it costs to leave types without doctor; nothing as long as they are to come later."""
    stay = tree.sinks[: costs.stay_high.size]
    stay["high"], stay["low"] = costs.stay_high, costs.stay_low
    if later is not None:
        stay["high"][later], stay["low"][later] = 0, 0


def hang(network: Network, nodes: Records, start: Basis | None) -> None:
    """Hang the nodes as a basis says where the network still has the arc, else on the sink."""
    sink = network.groups + network.doctors
    nodes["parent"], nodes["arc"], nodes["spot"] = sink, TO_SINK, nodes["first"]
    if start is None:
        return
    former = _read_before(start)
    same = former is not None and former.share(network)
    linked = start.arc[:sink] != TO_SINK
    kept = np.flatnonzero(linked if same else linked & _still_there(network, start))
    nodes["parent"][kept], nodes["arc"][kept] = start.parent[kept], start.arc[kept]
    arcs = np.append(np.diff(network.type_start), np.full(network.doctors, OUTLETS))
    nodes["spot"][:sink] += np.clip(start.segment[:sink], 0, arcs - 1).astype(np.int32)


def read(arcs: Arcs, tree: Tree) -> Flow:
    """The answer in the words of the network."""
    network = arcs.network
    groups, sink = network.groups, network.groups + network.doctors
    nodes = tree.nodes
    nodes["parent"][sink], nodes["arc"][sink] = -1, TO_SINK
    segment = nodes["spot"] - nodes["first"]
    segment[sink] = 0
    high, low = nodes["high"].copy(), nodes["low"].copy()
    carrying = np.flatnonzero((nodes["arc"] != TO_SINK) & (nodes["flow"] > 0))
    name = nodes["arc"][carrying]
    usual = np.where(name < 0, -2 - name, -1)
    return Flow(
        group=np.minimum(carrying, nodes["parent"][carrying]).astype(np.int64),
        arc=np.where(name < 0, np.append(network.usual_arc, 0)[usual], name),
        usual=usual,
        amount=nodes["flow"][carrying],
        stay=_stay(network, nodes),
        group_high=high[:groups],
        group_low=low[:groups],
        doctor_high=high[groups:sink],
        doctor_low=low[groups:sink],
        basis=Basis(nodes["parent"].copy(), nodes["arc"].copy(), segment, high, low, arcs),
    )


def _stay(network: Network, nodes: Records) -> Ints:
    """Per type: places left without doctor. Nobody may be left beyond a doctor's places."""
    hung = nodes["arc"] == TO_SINK
    doctors = nodes[network.groups : -1]
    beyond = hung[network.groups : -1] & (doctors["spot"] - doctors["first"] == SEGMENTS)
    if doctors["flow"][beyond].any():
        raise AssertionError("a doctor was given more places than there are")
    groups = nodes[: network.groups]
    full = np.arange(network.types) < groups["spot"][network.group_of_type]
    stay = np.where(full, network.type_room, 0)
    partly = groups[hung[: network.groups]]
    stay[partly["spot"]] = partly["flow"]
    return stay


def _in_lines(size: int) -> Records:
    """So many nodes, each in one line of the cache."""
    line = NODE.itemsize
    room = np.zeros((size + 1) * line, np.uint8)
    begin = -room.ctypes.data % line
    return room[begin : begin + size * line].view(NODE)


def _groups(network: Network) -> Records:
    groups = np.zeros(network.groups, GROUP)
    groups["begin"], groups["end"] = network.start[network.row], network.start[network.row + 1]
    groups["limit"], groups["kind"] = network.limit, network.kind
    groups["row"] = network.row
    groups["usual"], groups["usual_end"] = network.usual_start[:-1], network.usual_start[1:]
    return groups


def _ways(costs: Costs) -> Records:
    ways = np.zeros(costs.way.size, WAY)
    ways["cost"] = costs.way
    ways["floor"] = np.minimum.accumulate(costs.way[::-1])[::-1]
    return ways


def _usual(network: Network, costs: Costs) -> Records:
    usual = np.zeros(network.usual_arc.size, USUAL)
    usual["arc"] = network.usual_arc
    usual["high"] = costs.usual[0] * network.usual_gain
    usual["low"] = costs.usual[1] * network.usual_gain + costs.way[network.way[network.usual_arc]]
    return usual


def _sink_arcs(network: Network, costs: Costs) -> Records:
    sinks = np.zeros(network.types + network.doctors * OUTLETS, SINK_ARC)
    stay = sinks[: network.types]
    stay["room"] = network.type_room
    stay["room"][network.type_start[1:] - 1] = UNLIMITED
    tenths = sinks[network.types :].reshape(network.doctors, OUTLETS)
    tenths["room"][:, :-1], tenths["low"][:, :-1] = network.segment_room, costs.segment
    tenths["room"][:, -1], tenths["high"][:, -1] = UNLIMITED, _prohibitive(network, costs)
    return sinks


def _prohibitive(network: Network, costs: Costs) -> int:
    """High word of a place that a doctor does not have: above that of staying without any doctor.

    So whoever were given such a place would gain by giving it back, and nobody is in the end.
    """
    gain = abs(costs.usual[0]) * int(network.usual_gain.max(initial=0))
    most = int(costs.stay_high.max(initial=0)) + gain + 1
    if most + 2 * (network.doctors + 1) * gain >= LARGEST:
        raise AssertionError("the costs leave no room for prices")
    return most


def _still_there(network: Network, start: Basis) -> Flags:
    """Per node but the sink: does it hang on another one by an arc that the network has?"""
    sink = network.groups + network.doctors
    node, parent, arc = np.arange(sink), start.parent[:sink], start.arc[:sink]
    group, doctor = np.minimum(node, parent), np.maximum(node, parent) - network.groups
    there = (group >= 0) & (group < network.groups) & (doctor >= 0) & (doctor < network.doctors)
    there &= (arc != TO_SINK) & (arc < network.doctor.size) & (-2 - arc < network.usual_arc.size)
    group, doctor, arc = group[there], doctor[there], arc[there]
    known = np.maximum(-2 - arc, -1)
    position = np.where(known < 0, arc, np.append(network.usual_arc, 0)[known])
    row = network.row[group]
    fits = (network.start[row] <= position) & (position < network.start[row + 1])
    fits &= network.doctor[position] == doctor
    theirs = (network.usual_start[group] <= known) & (known < network.usual_start[group + 1])
    longest = np.minimum(network.limit[group], network.reach[network.kind[group], doctor])
    there[there] = fits & np.where(known < 0, network.way[position] <= longest, theirs)
    return there
