"""A first roster by hand, as a tree for the engine to start from.

Slot after slot, those hardest to fill first, each seat goes to whom it costs least by then. The
prices that belong to such a roster are close to the best ones, so most of the pivots are saved:

* A set with room left hangs on the one around it, a doctor on the sink by the next duty.
* A *full* set, one that has no more room, hangs below what fills it: a slot, or a set within it,
  which then hangs below what it is given in its turn.
* A slot hangs on the set that would be the next best, or on the sink if there is none.
"""

from typing import NamedTuple

import numpy as np

from compilation import frozen, lean
from scheduler.flow.engine.network import Basis, Flags, Ints, Small
from scheduler.flow.graph import Graph

NOWHERE = -1


class Field(NamedTuple):
    """The graph, how it is filled so far, and the tree."""

    first: Ints
    """The pairs of slot ``s`` are the arcs ``first[s]:first[s + 1]``."""
    seats: Ints
    leaf: Ints
    """Per pair, in the order of the arcs: the smallest set that has it."""
    parent: Ints
    up: Ints
    """Per set: the arc to the set around it; of a doctor, that of the next duty."""
    room: Ints
    """Per set: what it could still be given."""
    high: Ints
    low: Ints
    full: Flags
    """Per arc."""
    arc: Small
    """Per node: the arc by which it hangs; slots come first, then sets."""


def sown(drawn: Graph) -> Basis:
    """The tree of a roster made by hand."""
    field = _field(drawn)
    offers = np.diff(field.first)
    order = np.lexsort((offers - field.seats, drawn.asked.problem.hardness))
    sow(field, order)
    hang(field)
    return Basis(field.arc, field.full)


def _field(drawn: Graph) -> Field:
    sets, network, pairs = drawn.sets, drawn.network, drawn.pair.size
    slots, doctors = drawn.asked.seats.size, len(drawn.asked.problem.rpps)
    slot = drawn.asked.problem.pair_slot[drawn.pair]
    most = sets.most[:doctors]
    up = np.zeros(sets.parent.size, np.int64)
    up[:doctors] = pairs + drawn.child.size + np.cumsum(most) - most
    up[drawn.child] = pairs + np.arange(drawn.child.size)
    return Field(
        first=np.searchsorted(slot, np.arange(slots + 1)),
        seats=frozen(drawn.asked.seats, np.int64),
        leaf=frozen(sets.leaf[drawn.pair], np.int64),
        parent=frozen(sets.parent, np.int64),
        up=up,
        room=sets.most.copy(),
        high=frozen(network.high, np.int64),
        low=frozen(network.low, np.int64),
        full=np.zeros(network.arcs, np.bool_),
        arc=np.full(network.nodes - 1, NOWHERE, np.int32),
    )


@lean
def sow(field: Field, order: Ints) -> None:
    """Give every seat that somebody has room for."""
    for s in order:
        for _ in range(field.seats[s]):
            best = _best(field, s)
            if best != NOWHERE:
                _give(field, best)


@lean
def _best(field: Field, s: int) -> int:
    """The pair of a slot that costs least of those there is still room for."""
    best, best_high, best_low = NOWHERE, 0, 0
    for pair in range(field.first[s], field.first[s + 1]):
        doctor = NOWHERE if field.full[pair] else _doctor(field, field.leaf[pair])
        if doctor != NOWHERE:
            high = field.high[pair] + field.high[field.up[doctor]]
            low = field.low[pair] + field.low[field.up[doctor]]
            if best == NOWHERE or high < best_high or (high == best_high and low < best_low):
                best, best_high, best_low = pair, high, low
    return best


@lean
def _doctor(field: Field, v: int) -> int:
    """Whose set this is, if it and all those around it have room."""
    while field.room[v] > 0:
        if field.parent[v] == NOWHERE:
            return v
        v = field.parent[v]
    return NOWHERE


@lean
def _give(field: Field, pair: int) -> None:
    field.full[pair] = True
    v = field.leaf[pair]
    field.room[v] -= 1
    while field.parent[v] != NOWHERE:
        v = field.parent[v]
        field.room[v] -= 1
    field.full[field.up[v]] = True
    field.up[v] += field.room[v] > 0


@lean
def hang(field: Field) -> None:
    """Say by which arc each node hangs."""
    slots, sets = field.seats.size, field.parent.size
    for s in range(slots):
        best = _best(field, s)
        field.arc[s] = field.full.size - slots + s if best == NOWHERE else best
    for s in range(slots):
        for pair in range(field.first[s], field.first[s + 1]):
            if field.full[pair]:
                field.arc[slots + field.leaf[pair]] = pair
    for v in range(sets - 1, -1, -1):
        if field.parent[v] != NOWHERE and field.arc[slots + v] != NOWHERE:
            field.arc[slots + field.parent[v]] = field.up[v]
    _settle(field, slots, sets)


@lean
def _settle(field: Field, slots: int, sets: int) -> None:
    """So far every set hangs below something that it is given; those with room may hang above."""
    for v in range(sets):
        around = field.parent[v]
        turned = around != NOWHERE and field.arc[slots + around] == field.up[v]
        if field.room[v] > 0 and not turned:
            field.arc[slots + v] = field.up[v]
        if around != NOWHERE:
            field.full[field.up[v]] = field.room[v] == 0
