"""Folds a round into few interchangeable units, exactly.

A *unit* is a person alone or a whole household: what goes to one doctor together. Units that have
the same doctors, the same costs and the same classes form a *type*; which of them is served is not
an optimisation matter. Types whose places cost the same form a *group*, one supply node of the
flow, however many classes it holds: the class only changes the cost of staying unmatched.

A household's costs are the sum over its members. Per place they may be fractions, so every
cost per place is multiplied by ``scale``, the least common multiple of the household sizes.
"""

import math
from dataclasses import dataclass

import numpy as np

from matcher.folding import promises
from matcher.folding.apart import BAND_SECONDS
from matcher.folding.table import Table, Traits, laid_out
from matcher.folding.units import Units, units
from matcher.folding.usual import Usual, usual_arcs
from matcher.nearby import Nearby
from matcher.network import NO_WAY, Network, Small
from matcher.numbering import alike, distinct, examples, in_order, joined, spread, starts
from matcher.problem import UNKNOWN, Integers, Ints, Problem

__all__ = ["BAND_SECONDS", "Fold", "fold"]


@dataclass(frozen=True)
class Fold:
    """A network, and who stands behind its types. Who is pinned stands nowhere."""

    network: Network
    classes: int
    first_unit: Ints
    """The units of type ``t`` are ``first_unit[t]:first_unit[t + 1]``."""
    unit_start: Integers
    """The members of unit ``u`` are ``person[unit_start[u]:unit_start[u + 1]]``."""
    person: Small
    """Rows of people. The units of a type come in the order of their first members."""

    def type_of_person(self, people: int) -> Ints:
        """Of each of so many people: the type, UNKNOWN for who stands nowhere."""
        type_ = np.full(people, UNKNOWN)
        of_unit = np.repeat(np.arange(self.network.types), np.diff(self.first_unit))
        type_[self.person] = np.repeat(of_unit, np.diff(self.unit_start))
        return type_


@dataclass(frozen=True)
class _Makeups:
    """What a unit is made of, numbered by what it costs to leave out a place of it."""

    of: Small
    """Per unit."""
    size: Ints
    classes: Ints
    """``[makeup, class]``: members of each class."""


@dataclass(frozen=True)
class _Types:
    """Units put together, by group and then by makeup."""

    order: Small
    """Units, type after type."""
    first_unit: Ints
    """In that order."""
    start: Ints
    """The types of group ``g`` are ``start[g]:start[g + 1]``."""
    makeup: Ints

    @property
    def example(self) -> Small:
        """A unit of each group."""
        return self.order[self.first_unit[self.start[:-1]]]


def fold(problem: Problem, nearby: Nearby) -> Fold:
    """Fold ``problem`` over the doctors who are ``nearby``.

    Raises ``Refused`` if somebody is pinned to a doctor whom the rules forbid or who lacks the
    places.
    """
    everybody = units(problem)
    taken = promises.taken(problem, everybody, nearby.offered)
    whole = everybody.chosen(promises.free(problem, everybody)) if taken.any() else everybody
    scale = math.lcm(*set(whole.size[whole.households].tolist()))
    table, traits = laid_out(problem, nearby, whole, scale)
    usual = usual_arcs(problem, whole, table, traits, scale)
    makeups = _makeups(problem, whole, scale)
    types = _types(_groups(table, traits, usual), makeups)
    network = _network(
        table,
        traits,
        usual,
        types,
        makeups,
        scale=scale,
        places=np.where(nearby.offered, problem.doctors.places, 0).astype(np.int64),
        taken=taken,
    )
    behind = whole.chosen(types.order)
    return Fold(network, problem.classes, types.first_unit, behind.start, behind.person)


def _groups(table: Table, traits: Traits, usual: Usual) -> Small:
    """The group of each unit, numbered along the rows of the table."""
    _, group = distinct(joined(traits.row, traits.kind, traits.reach.shape[0]))
    _, limit = distinct(np.clip(traits.limit, NO_WAY, table.way_seconds.size) - NO_WAY)
    for digit in (limit, usual.profile):
        radix = int(digit.max(initial=0)) + 1
        if radix > 1:
            _, group = distinct(joined(group, digit, radix))
    return group


def _makeups(problem: Problem, whole: Units, scale: int) -> _Makeups:
    classes = problem.classes
    makeup = problem.people.priority_class[whole.first].astype(np.int32) - np.int32(1)
    many = whole.households
    members = whole.chosen(many)
    rank = problem.people.priority_class[members.person].astype(np.int64) - 1
    cells = np.bincount(members.of_member * classes + rank, minlength=many.size * classes)
    seen, number = distinct(alike(classes * np.arange(many.size + 1), cells))
    makeup[many] = classes + number
    made = cells.reshape(-1, classes)[examples(number, seen.size)]
    counts = np.concatenate([np.eye(classes, dtype=np.int64), made])
    size = counts.sum(axis=1)
    share = counts * (scale // size)[:, None]
    order = np.lexsort((size, *share.T[::-1]))
    place = np.empty(order.size, np.int32)
    place[order] = np.arange(order.size)
    return _Makeups(place[makeup], size[order], counts[order])


def _types(group: Small, makeups: _Makeups) -> _Types:
    number = makeups.size.size
    kept, type_ = distinct(joined(group, makeups.of, number))
    first_unit, order = in_order(type_, kept.size)
    start = starts(np.bincount(kept // number))
    return _Types(order, first_unit, start, kept % number)


def _network(
    table: Table,
    traits: Traits,
    usual: Usual,
    types: _Types,
    makeups: _Makeups,
    *,
    scale: int,
    places: Ints,
    taken: Ints,
) -> Network:
    size, units_ = makeups.size[types.makeup], np.diff(types.first_unit)
    room = np.append(0, np.cumsum(size * units_))
    example = types.example
    begin = starts(np.bincount(usual.unit, minlength=types.order.size))
    number = np.diff(begin)[example]
    known = spread(begin[example], number)
    return Network(
        scale=scale,
        start=table.start,
        doctor=table.doctor,
        way=table.way,
        way_seconds=table.way_seconds,
        way_bands=table.way_bands,
        reach=traits.reach,
        places=places,
        taken=taken,
        row=traits.row[example],
        kind=traits.kind[example],
        limit=traits.limit[example],
        supply=np.diff(room[types.start]),
        usual_start=starts(number),
        usual_arc=usual.arc[known],
        usual_gain=usual.gain[known],
        type_start=types.start,
        type_size=size,
        type_units=units_,
        type_classes=makeups.classes[types.makeup],
    )
