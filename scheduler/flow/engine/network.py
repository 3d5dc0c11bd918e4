"""A minimum-cost flow: the network, where to start from, and the answer with its prices.

The cost of an arc is two words compared one after the other, ``high`` first. What the nodes send
out beyond what they receive is their ``supply``; the last node takes, or gives, whatever is left.
A convex cost is several arcs side by side, each dearer than the one before.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compilation import lean

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Flags = NDArray[np.bool_]

BY_NO_ARC = -1
"""In a basis: this node hangs on the last one by no arc of the network."""

LARGEST = 2**60
"""Prices stay below it, so that two of them and a cost add up within 64 bits."""


class Overflow(Exception):
    """Costs so large that prices might not fit in 64 bits; said before anything is solved."""


class Infeasible(Exception):
    """No flow within the bounds takes the supplies to where they are asked for."""


@dataclass(frozen=True, eq=False)
class Network:
    """Arcs from ``tail`` to ``head``, each to carry between ``lower`` and ``upper`` at its cost.

    Nodes are counted from 0. ``supply`` has one entry per node; that of the last is not read.
    """

    tail: Small
    head: Small
    lower: Ints
    upper: Ints
    high: Ints
    low: Ints
    supply: Ints

    @property
    def nodes(self) -> int:
        return self.supply.size

    @property
    def arcs(self) -> int:
        return self.tail.size


@dataclass(frozen=True, eq=False)
class Basis:
    """A spanning tree and the arcs outside it that are full: together they say all flows."""

    arc: Small
    """Per node but the last: the arc by which it hangs on another one, or BY_NO_ARC."""
    full: Flags
    """Per arc: carries its upper bound. Of no meaning for those of the tree."""


@dataclass(frozen=True, eq=False)
class Flow:
    """A cheapest flow. The reduced cost of an arc is its cost plus the price of its tail minus that
    of its head: never below zero where the arc could carry more, nor above where it could less."""

    amount: Ints
    """Per arc."""
    high: Ints
    """Per node: the high word of its price; that of the last node is zero."""
    low: Ints
    basis: Basis
    pivots: int


def longest_way(network: Network, cost: Ints) -> float:
    """More than one word of the cost of any way through the network that meets no node twice.

    Such a way has one arc at most that is at the last node, and each of the others can be put down
    to an end of its own.
    """
    dearest = np.zeros(network.nodes, np.int64)
    gather(network.tail, network.head, cost, dearest)
    return float(dearest.sum(dtype=np.float64)) * (1 + 1e-9) + 1


@lean
def gather(tail: Small, head: Small, cost: Ints, dearest: Ints) -> None:
    """Per node but the last, its dearest arc to another one but that; there, the dearest of all."""
    last = dearest.size - 1
    for e in range(cost.size):
        size = abs(cost[e])
        if tail[e] == last or head[e] == last:
            dearest[last] = max(dearest[last], size)
        else:
            dearest[tail[e]] = max(dearest[tail[e]], size)
            dearest[head[e]] = max(dearest[head[e]], size)
