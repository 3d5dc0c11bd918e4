"""Cramped networks at random, and what their optimum costs according to OR-Tools."""

import dataclasses

import numpy as np
from ortools.graph.python import min_cost_flow

from matcher.network import ANY_WAY, NO_WAY, SEGMENTS, Costs, Flow, Network
from matcher.problem import Ints

WORD = 10**7
"""One unit of the high word, in units of the low one, for OR-Tools."""

WAYS = 7


def network(seed: int, *, groups: int = 6, doctors: int = 4, rows: int = 4) -> Network:
    """Ties, zero places, promised places, lonely groups, usual doctors, needs and limits."""
    rng = np.random.default_rng(seed)
    near = [np.flatnonzero(rng.random(doctors) < rng.choice([0, 0.5, 1])) for _ in range(rows)]
    way = [np.sort(rng.integers(0, WAYS, row.size)) for row in near]
    near = [row[np.lexsort((row, away))] for row, away in zip(near, way, strict=True)]
    types = rng.integers(1, 4, groups)
    size, units = rng.integers(1, 4, types.sum()), rng.integers(1, 4, types.sum())
    type_start = starts(types)
    places = rng.integers(0, 7, doctors)
    plain = Network(
        scale=1,
        start=starts(np.array([row.size for row in near])),
        doctor=np.concatenate(near).astype(np.int32),
        way=np.concatenate(way).astype(np.int32),
        way_seconds=np.arange(WAYS),
        way_bands=np.arange(WAYS) // 3,
        reach=rng.choice([NO_WAY, 2, 4, ANY_WAY, ANY_WAY], (3, doctors)).astype(np.int32),
        places=places,
        taken=rng.integers(0, 3, doctors).clip(max=places),
        row=np.sort(rng.integers(0, rows, groups)).astype(np.int32),
        kind=rng.integers(0, 3, groups).astype(np.int32),
        limit=rng.choice([3, 5, ANY_WAY, ANY_WAY], groups).astype(np.int32),
        supply=np.add.reduceat(size * units, type_start[:-1]) if groups else types,
        usual_start=np.zeros(groups + 1, np.int64),
        usual_arc=np.zeros(0, np.int64),
        usual_gain=np.zeros(0, np.int64),
        type_start=type_start,
        type_size=size,
        type_units=units,
        type_classes=classes(size, np.random.default_rng([seed, 1])),
    )
    return with_usual_doctors(plain, rng)


def classes(size: Ints, rng: np.random.Generator) -> Ints:
    """Which of three classes the persons of a unit belong to."""
    return rng.multinomial(size, np.full(3, 1 / 3)).astype(np.int64)


def starts(lengths: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def with_usual_doctors(plain: Network, rng: np.random.Generator) -> Network:
    group, arc = plain.pairs(np.arange(plain.groups))
    known = rng.random(group.size) < 0.25
    return dataclasses.replace(
        plain,
        usual_start=starts(np.bincount(group[known], minlength=plain.groups)),
        usual_arc=arc[known],
        usual_gain=rng.integers(1, 3, int(known.sum())),
    )


def costs(net: Network, seed: int) -> Costs:
    """Any costs that keep what ``network`` promises: later ways need not be dearer."""
    rng = np.random.default_rng(seed)
    high, low = rng.integers(0, 4, net.types), rng.integers(0, 30, net.types)
    order = np.lexsort((low, high, net.group_of_type))
    segment = np.sort(rng.integers(0, 6, SEGMENTS)) * int(rng.integers(0, 2))
    usual = ((0, 0), (-1, 0), (0, -5), (-1, 2))[int(rng.integers(0, 4))]
    way = rng.integers(0, 9, WAYS)
    return Costs(
        way if rng.random() < 0.5 else np.sort(way), usual, high[order], low[order], segment
    )


def value(net: Network, cost: Costs, flow: Flow) -> int:
    """What a flow costs, as one number."""
    gain = np.append(net.usual_gain, 0)[flow.usual]
    filled = net.segment_room
    before = np.cumsum(filled, axis=1) - filled
    tenths = np.clip(flow.load(net)[:, None] - before, 0, filled).sum(axis=0)
    return int(
        (cost.way[net.way[flow.arc]] + (WORD * cost.usual[0] + cost.usual[1]) * gain) @ flow.amount
        + (WORD * cost.stay_high + cost.stay_low) @ flow.stay
        + cost.segment @ tenths
    )


def cheapest(net: Network, cost: Costs) -> int:
    """What the optimum costs: OR-Tools, with every arc written down."""
    group, arc = net.pairs(np.arange(net.groups))
    knows = np.repeat(np.arange(net.groups), np.diff(net.usual_start))
    usual = WORD * cost.usual[0] + cost.usual[1]
    sink = net.groups + net.doctors
    doctors = np.repeat(np.arange(net.doctors), SEGMENTS)
    tail = np.concatenate([group, knows, net.group_of_type, net.groups + doctors])
    met = np.concatenate([net.doctor[arc], net.doctor[net.usual_arc]]) + net.groups
    head = np.concatenate([met, np.full(net.types + doctors.size, sink)])
    room = np.concatenate(
        [net.supply[group], net.supply[knows], net.type_room, net.segment_room.reshape(-1)]
    )
    price = np.concatenate(
        [
            cost.way[net.way[arc]],
            cost.way[net.way[net.usual_arc]] + usual * net.usual_gain,
            WORD * cost.stay_high + cost.stay_low,
            np.tile(cost.segment, net.doctors),
        ]
    )
    solver = min_cost_flow.SimpleMinCostFlow()
    if tail.size:
        solver.add_arcs_with_capacity_and_unit_cost(
            tail.astype(np.int32), head.astype(np.int32), room, price
        )
        supply = np.concatenate([net.supply, np.zeros(net.doctors, np.int64), [-net.supply.sum()]])
        solver.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supply)
    assert solver.solve() == solver.OPTIMAL
    return int(solver.optimal_cost())
