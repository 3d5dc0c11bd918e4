"""Seeded networks of every kind, and OR-Tools asked for their cheapest flow."""

import numpy as np
from ortools.graph.python import min_cost_flow

from scheduler.flow.engine.network import Network

HIGH = 10**6
"""A high word in units of the low one, in networks whose low words never add up to it."""


def network(seed: int, most_nodes: int = 8, most_arcs: int = 24) -> Network:
    """Arcs side by side, cycles of negative cost, lower bounds; in one of five, no flow fits."""
    draw = np.random.default_rng(seed)
    nodes, arcs = int(draw.integers(2, most_nodes + 1)), int(draw.integers(1, most_arcs + 1))
    tail = draw.integers(0, nodes, arcs)
    head = (tail + draw.integers(1, nodes, arcs)) % nodes
    lower = draw.integers(0, 2, arcs) * draw.integers(0, 2, arcs)
    upper = lower + draw.integers(0, 4, arcs)
    supply = np.zeros(nodes, np.int64)
    amount = draw.integers(lower, upper + 1)
    np.add.at(supply, tail, amount)
    np.subtract.at(supply, head, amount)
    supply[draw.integers(nodes)] += draw.random() < 0.2
    high, low = draw.integers(-3, 8, arcs), draw.integers(-20, 40, arcs)
    return Network(tail.astype(np.int32), head.astype(np.int32), lower, upper, high, low, supply)


def changed(former: Network, seed: int) -> Network:
    """The same nodes and arcs with other bounds and costs."""
    draw = np.random.default_rng(seed)
    lower = draw.integers(0, 2, former.arcs) * draw.integers(0, 2, former.arcs)
    return Network(
        former.tail,
        former.head,
        lower,
        lower + draw.integers(0, 4, former.arcs),
        draw.integers(-3, 8, former.arcs),
        draw.integers(-20, 40, former.arcs),
        former.supply,
    )


def least_cost(asked: Network) -> int | None:
    """The cost of a cheapest flow in low words, by OR-Tools; None if there is no flow."""
    cost = HIGH * asked.high + asked.low
    supply = asked.supply.copy()
    np.subtract.at(supply, asked.tail, asked.lower)
    np.add.at(supply, asked.head, asked.lower)
    supply[-1] = -supply[:-1].sum()
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(
        asked.tail, asked.head, asked.upper - asked.lower, cost
    )
    solver.set_nodes_supplies(np.arange(asked.nodes), supply)
    if solver.solve() != solver.OPTIMAL:
        return None
    return int(solver.optimal_cost() + (cost * asked.lower).sum())
