"""The matching in places, as a minimum-cost flow: exact for persons alone, a bound for households.

    group --(cost, no limit)--> doctor --(10 segments)--> sink
    group --(cost of staying without doctor, one arc per type)--> sink

Each stage is solved by OR-Tools' ``SimpleMinCostFlow``. Its optimal face (the arcs that any optimum
may use) is what the next stage chooses from; the face is read off the dual prices.
"""

from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from matcher.folding import Fold
from matcher.levels import SEGMENTS, Level, Stage, levels, segment_capacity, stages
from matcher.problem import Flags, Ints

OPTIMAL = min_cost_flow.SimpleMinCostFlow.OPTIMAL


class Overflow(ValueError):
    """The costs of one level do not fit in 64-bit integers."""


@dataclass(frozen=True)
class Bounds:
    """What each arc must and may carry, in places."""

    pair_open: Flags
    unmatched_low: Ints
    unmatched_high: Ints
    segment_low: Ints
    segment_high: Ints


@dataclass(frozen=True)
class Prices:
    """A stage and its reduced costs: what one more place on an arc would cost, all told."""

    stage: Stage
    pair: Ints
    unmatched: Ints
    segment: Ints
    one_more: Ints
    """Per doctor: the best change of the stage's cost that one more place would bring (<= 0)."""


@dataclass(frozen=True)
class Flow:
    """Places carried by each arc, the value of each level (scaled), and the prices by stage."""

    pair: Ints
    unmatched: Ints
    segment: Ints
    values: dict[str, int]
    prices: tuple[Prices, ...]


def solve(fold: Fold, places: Ints) -> Flow:
    """The lexicographic optimum of all levels, in places."""
    capacity = segment_capacity(places).reshape(-1)
    goals = levels(fold, capacity.size)
    nodes = fold.supply.size + places.size + 1
    kinds = np.array([each.group for each in fold.types], dtype=np.int64)
    room = np.array([each.size * len(each.units) for each in fold.types], dtype=np.int64)
    net = _Net(fold, places.size, kinds)
    bounds = Bounds(
        np.ones(fold.doctor.size, np.bool_), np.zeros_like(room), room, capacity * 0, capacity
    )
    prices = []
    for stage in stages(goals, largest=2**61 // (nodes + 1)):
        carried = _cheapest(net, bounds, stage)
        priced = _price(net, bounds, stage, carried)
        prices.append(priced)
        bounds = _face(bounds, priced)
    return Flow(*carried, _values(goals, carried), tuple(prices))


@dataclass(frozen=True)
class _Net:
    """The nodes: groups first, then doctors, then the sink."""

    fold: Fold
    doctors: int
    group_of_type: Ints

    @property
    def sink(self) -> int:
        return self.fold.supply.size + self.doctors

    @property
    def doctor_of_segment(self) -> Ints:
        return np.repeat(np.arange(self.doctors), SEGMENTS)


Carried = tuple[Ints, Ints, Ints]


def _cheapest(net: _Net, bounds: Bounds, stage: Stage) -> Carried:
    """Flows on pair, unmatched and segment arcs at the least cost of the stage."""
    pair_cost, unmatched_cost, segment_cost = stage.costs()
    groups = net.fold.supply.size
    supply = np.concatenate([net.fold.supply, np.zeros(net.doctors + 1, np.int64)])
    np.subtract.at(supply, net.group_of_type, bounds.unmatched_low)
    np.subtract.at(supply, groups + net.doctor_of_segment, bounds.segment_low)
    supply[net.sink] = -supply[: net.sink].sum()
    open_pairs = np.flatnonzero(bounds.pair_open)
    group = net.fold.group_of_arc[open_pairs]
    tails = np.concatenate([group, net.group_of_type, groups + net.doctor_of_segment])
    heads = np.concatenate(
        [
            groups + net.fold.doctor[open_pairs],
            np.full(net.group_of_type.size + net.doctor_of_segment.size, net.sink),
        ]
    )
    limits = np.concatenate(
        [
            net.fold.supply[group],
            bounds.unmatched_high - bounds.unmatched_low,
            bounds.segment_high - bounds.segment_low,
        ]
    )
    costs = np.concatenate([pair_cost[open_pairs], unmatched_cost, segment_cost])
    flows = _run(tails, heads, limits, costs, supply)
    pair = np.zeros(net.fold.doctor.size, np.int64)
    pair[open_pairs] = flows[: open_pairs.size]
    unmatched, segment = np.split(flows[open_pairs.size :], [net.group_of_type.size])
    return pair, unmatched + bounds.unmatched_low, segment + bounds.segment_low


def _run(tails: Ints, heads: Ints, limits: Ints, costs: Ints, supply: Ints) -> Ints:
    if not tails.size:
        return np.zeros(0, np.int64)
    network = min_cost_flow.SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32), heads.astype(np.int32), limits, costs
    )
    network.set_nodes_supplies(np.arange(supply.size, dtype=np.int32), supply)
    status = network.solve()
    if status != OPTIMAL:
        raise Overflow(f"the flow solver answered {status}: the costs of a level are too large")
    return np.asarray(network.flows(arcs), dtype=np.int64)


def _price(net: _Net, bounds: Bounds, stage: Stage, carried: Carried) -> Prices:
    """Dual prices by shortest ways in the residual network, then the reduced cost of each arc."""
    pair_cost, unmatched_cost, segment_cost = stage.costs()
    residual = _Residual(net, bounds, carried, stage.costs())
    group, doctor, sink = residual.ways_from_anywhere()
    fold = net.fold
    from_sink = residual.ways_from_sink()
    return Prices(
        stage,
        pair_cost + group[fold.group_of_arc] - doctor[fold.doctor],
        unmatched_cost + group[net.group_of_type] - sink,
        segment_cost + doctor[net.doctor_of_segment] - sink,
        np.minimum(from_sink + segment_cost.reshape(-1, SEGMENTS)[:, -1], 0),
    )


FAR = np.int64(2**62)


class _Residual:
    """The residual network of a flow, and shortest ways in it.

    A way goes forward along any open arc with room and back along any arc that carries more than
    it must. With an optimal flow no cycle is negative, so Bellman and Ford's sweeps settle.
    """

    def __init__(
        self, net: _Net, bounds: Bounds, carried: Carried, costs_of: tuple[Ints, Ints, Ints]
    ) -> None:
        pair, unmatched, segment = costs_of
        fold = net.fold
        self.groups, self.doctors = fold.supply.size, net.doctors
        forward = np.flatnonzero(bounds.pair_open)
        back = np.flatnonzero(carried[0] > 0)
        parts = [
            (fold.group_of_arc[forward], self.groups + fold.doctor[forward], pair[forward]),
            (self.groups + fold.doctor[back], fold.group_of_arc[back], -pair[back]),
        ]
        for tail, cost, flow, low, high in (
            (net.group_of_type, unmatched, carried[1], bounds.unmatched_low, bounds.unmatched_high),
            (
                self.groups + net.doctor_of_segment,
                segment,
                carried[2],
                bounds.segment_low,
                bounds.segment_high,
            ),
        ):
            room, given = np.flatnonzero(flow < high), np.flatnonzero(flow > low)
            parts.append((tail[room], np.full(room.size, net.sink), cost[room]))
            parts.append((np.full(given.size, net.sink), tail[given], -cost[given]))
        tails, heads, costs = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.argsort(heads, kind="stable")
        self.tails, self.costs = tails[order], costs[order]
        self.heads, self.first = np.unique(heads[order], return_index=True)

    def ways_from_anywhere(self) -> tuple[Ints, Ints, int]:
        """Potentials of groups, doctors and sink: the cheapest way that ends there."""
        potential = self._settle(np.zeros(self.groups + self.doctors + 1, np.int64))
        return potential[: self.groups], potential[self.groups : -1], int(potential[-1])

    def ways_from_sink(self) -> Ints:
        """Cheapest way from the sink to each doctor, FAR where there is none."""
        start = np.full(self.groups + self.doctors + 1, FAR, np.int64)
        start[-1] = 0
        return self._settle(start)[self.groups : -1]

    def _settle(self, distance: Ints) -> Ints:
        if not self.heads.size:
            return distance
        for _ in range(2 * (self.groups + self.doctors) + 3):
            via = np.where(distance[self.tails] < FAR, distance[self.tails] + self.costs, FAR)
            best = np.minimum(distance[self.heads], np.minimum.reduceat(via, self.first))
            if (best == distance[self.heads]).all():
                return distance
            distance = distance.copy()
            distance[self.heads] = best
        raise AssertionError("a negative cycle: the flow was not optimal")


def _face(bounds: Bounds, prices: Prices) -> Bounds:
    """What every optimum of the stage has in common: the choice left to the next one."""
    shut, full = prices.unmatched > 0, prices.unmatched < 0
    empty, filled = prices.segment > 0, prices.segment < 0
    return Bounds(
        bounds.pair_open & (prices.pair == 0),
        np.where(full, bounds.unmatched_high, bounds.unmatched_low),
        np.where(shut, bounds.unmatched_low, bounds.unmatched_high),
        np.where(filled, bounds.segment_high, bounds.segment_low),
        np.where(empty, bounds.segment_low, bounds.segment_high),
    )


def _values(goals: list[Level], carried: Carried) -> dict[str, int]:
    """Exact value of every level, scaled, as Python integers."""
    return {
        level.name: sum(
            int(cost @ flow)
            for cost, flow in zip(
                (level.pair, level.unmatched, level.segment), carried, strict=True
            )
        )
        for level in goals
    }
