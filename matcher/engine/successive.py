"""The same flow by OR-Tools' ``SimpleMinCostFlow``, with every arc written down.

The second opinion of the tests, and the engine where Numba is missing. Goals that do not fit in one
64-bit cost are solved one after the other: each chooses from the arcs that every optimum of
those before may use, which the prices tell.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from matcher.levels import Level, Overflow, weights
from matcher.network import SEGMENTS, Costs, Flow, Network
from matcher.problem import Ints
from matcher.progress import Watch

OPTIMAL = min_cost_flow.SimpleMinCostFlow.OPTIMAL


def solve(
    network: Network, goals: Sequence[Level], costs: Costs, *, watch: Watch | None = None
) -> Flow:
    """The optimum of the goals in their order; ``costs`` are those of the prices asked for.

    ``watch`` is told the share of the stages done; whatever it raises stops the solve.
    Raises Overflow if one goal alone does not fit in OR-Tools' integers.
    """
    arcs = write(network)
    low, high, flow = np.zeros_like(arcs.room), arcs.room, np.zeros_like(arcs.room)
    stages = list(_stages(arcs, goals))
    for done, cost in enumerate(stages):
        if watch is not None:
            watch(done / len(stages))
        flow = _cheapest(arcs, low, high, cost)
        reduced = _reduced(arcs, _prices(arcs, low, high, flow, cost), cost)
        low, high = np.where(reduced < 0, high, low), np.where(reduced > 0, low, high)
    return _answer(arcs, flow, costs)


@dataclass(frozen=True)
class Arcs:
    """Every arc as a row: plain pairs, pairs of a usual doctor, types, tenths of places.

    The nodes are the groups, then the doctors, then the sink.
    """

    network: Network
    group: Ints
    """Of plain pairs, then of usual ones."""
    position: Ints
    """In the table, of the same."""
    known: Ints
    """Of the same: the position in ``usual_arc``, -1 for plain pairs."""
    tail: Ints
    head: Ints
    room: Ints

    @property
    def supply(self) -> Ints:
        """Per node."""
        network = self.network
        doctors = np.zeros(network.doctors, np.int64)
        return np.concatenate([network.supply, doctors, [-network.supply.sum()]])

    def spread(self, way: Ints, usual: int, stay: Ints, segment: Ints) -> Ints:
        """One cost per arc, from those of ways, of a unit of gain, of types and of tenths."""
        gain = np.append(self.network.usual_gain, 0)[self.known]
        pair = way[self.network.way[self.position]] + usual * gain
        return np.concatenate([pair, stay, np.tile(segment, self.network.doctors)])


def write(network: Network) -> Arcs:
    """Write every arc of the network down."""
    group, position = network.pairs(np.arange(network.groups))
    whose = np.repeat(np.arange(network.groups), np.diff(network.usual_start))
    group = np.concatenate([group, whose])
    position = np.concatenate([position, network.usual_arc])
    plain = np.full(group.size - whose.size, -1)
    doctor_node = network.groups + np.arange(network.doctors)
    sinks = np.full(network.types + network.doctors * SEGMENTS, network.groups + network.doctors)
    return Arcs(
        network,
        group,
        position,
        np.concatenate([plain, np.arange(whose.size)]),
        np.concatenate([group, network.group_of_type, np.repeat(doctor_node, SEGMENTS)]),
        np.concatenate([network.groups + network.doctor[position], sinks]),
        np.concatenate(
            [
                np.full(group.size, network.supply.sum() + 1),  # never full, hence never below zero
                network.type_room,
                network.segment_room.reshape(-1),
            ]
        ),
    )


def _stages(arcs: Arcs, goals: Sequence[Level]) -> Iterator[Ints]:
    """The cost of each stage: as many goals at once as OR-Tools' own scaling allows."""
    largest = 2**61 // (arcs.supply.size + 1)
    left, stages = list(goals), list[Ints]()
    while left:
        fitting = weights(arcs.network, left, arcs.network.doctors, largest)
        if not fitting:
            raise Overflow(f"the costs of {left[-1].name} are too large for OR-Tools")
        together, left = left[-len(fitting) :], left[: -len(fitting)]
        parts = (
            weight * (arcs.spread(goal.way, goal.usual, goal.stay, goal.segment) // goal.unit)
            for weight, goal in zip(fitting, together, strict=True)
        )
        stages.append(np.sum(list(parts), axis=0, dtype=np.int64))
    yield from reversed(stages)


def _cheapest(arcs: Arcs, low: Ints, high: Ints, cost: Ints) -> Ints:
    """What each arc carries at the least cost, between its bounds."""
    supply = arcs.supply
    np.subtract.at(supply, arcs.tail, low)
    np.add.at(supply, arcs.head, low)
    open_ = np.flatnonzero(low < high)
    flow = low.copy()
    if not open_.size:
        return flow
    solver = min_cost_flow.SimpleMinCostFlow()
    added = solver.add_arcs_with_capacity_and_unit_cost(
        arcs.tail[open_].astype(np.int32),
        arcs.head[open_].astype(np.int32),
        (high - low)[open_],
        cost[open_],
    )
    solver.set_nodes_supplies(np.arange(supply.size, dtype=np.int32), supply)
    status = solver.solve()
    if status != OPTIMAL:
        raise Overflow(f"OR-Tools answered {status}: the costs are too large for it")
    flow[open_] += solver.flows(added)
    return flow


def _prices(arcs: Arcs, low: Ints, high: Ints, flow: Ints, cost: Ints) -> Ints:
    """Per node, by shortest ways in the residual network of an optimal flow; the sink's is 0.

    A way goes forward along any arc with room and back along any that carries more than it must. No
    cycle is negative, so Bellman and Ford's sweeps settle.
    """
    on, back = np.flatnonzero(flow < high), np.flatnonzero(flow > low)
    tail = np.concatenate([arcs.tail[on], arcs.head[back]])
    head = np.concatenate([arcs.head[on], arcs.tail[back]])
    length = np.concatenate([cost[on], -cost[back]])
    order = np.argsort(head, kind="stable")
    tail, length = tail[order], length[order]
    reached, first = np.unique(head[order], return_index=True)
    price = np.zeros(arcs.supply.size, np.int64)
    for _ in range(2 * price.size + 3):
        if not reached.size:
            break
        best = np.minimum(price[reached], np.minimum.reduceat(price[tail] + length, first))
        if (best == price[reached]).all():
            break
        price[reached] = best
    price -= price[-1]
    return price


def _reduced(arcs: Arcs, price: Ints, cost: Ints) -> Ints:
    reduced: Ints = cost + price[arcs.tail] - price[arcs.head]
    return reduced


def _answer(arcs: Arcs, flow: Ints, costs: Costs) -> Flow:
    """The flow with its prices in the two words of ``costs``."""
    network = arcs.network
    nothing = np.zeros(SEGMENTS, np.int64)
    upper = arcs.spread(np.zeros_like(costs.way), costs.usual[0], costs.stay_high, nothing)
    lower = arcs.spread(costs.way, costs.usual[1], costs.stay_low, costs.segment)
    low, high = np.zeros_like(arcs.room), arcs.room
    price_high = _prices(arcs, low, high, flow, upper)
    tied = _reduced(arcs, price_high, upper) == 0
    price_low = _prices(arcs, np.where(tied, low, flow), np.where(tied, high, flow), flow, lower)
    pairs, groups = arcs.group.size, network.groups
    carrying = np.flatnonzero(flow[:pairs])
    return Flow(
        group=arcs.group[carrying],
        arc=arcs.position[carrying],
        usual=arcs.known[carrying],
        amount=flow[carrying],
        stay=flow[pairs : pairs + network.types],
        group_high=price_high[:groups],
        group_low=price_low[:groups],
        doctor_high=price_high[groups:-1],
        doctor_low=price_low[groups:-1],
        basis=None,
    )
