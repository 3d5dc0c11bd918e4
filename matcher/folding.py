"""Folds a round into few interchangeable units, exactly.

A *unit* is a person alone or a whole household: what goes to one doctor together. Units that have
the same doctors, the same costs and the same classes form a *type*; which of them is served is not
an optimisation matter. Types whose places cost the same form a *group*, one supply node of the
flow, however many classes it holds: the class only changes the cost of staying unmatched.

A household's costs are the sum over its members. Per place they may be fractions, so every
cost per place is multiplied by ``scale``, the least common multiple of the household sizes.
"""

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from matcher.pairs import Pairs
from matcher.problem import UNKNOWN, Ints, Problem

BAND_SECONDS = 300
"""Travel is compared in bands of five minutes before balance, and to the second after it."""

Member = tuple[int, int]
"""What a person's doctors and costs depend on: the row of eligible pairs, the usual doctor."""


@dataclass(frozen=True)
class Type:
    """Units that may stand for one another."""

    group: int
    size: int
    """Persons in each unit, hence places it takes."""
    class_counts: tuple[int, ...]
    """Persons of class 1, 2, ... in each unit."""
    units: tuple[tuple[int, ...], ...]
    """Person rows of each unit."""


@dataclass(frozen=True)
class Fold:
    """Groups as a compressed table of arcs, and the types they hold."""

    scale: int
    classes: int
    start: Ints
    """Arcs of group ``g`` are ``start[g]:start[g + 1]``."""
    doctor: Ints
    usual: Ints
    """``scale`` times the persons proposed to their usual doctor, per place."""
    bands: Ints
    """``scale`` times the travel bands, per place."""
    seconds: Ints
    """``scale`` times the travel seconds, per place."""
    supply: Ints
    """Places that would serve the whole group."""
    types: tuple[Type, ...]

    @property
    def group_of_arc(self) -> Ints:
        """Group of each arc."""
        return np.repeat(np.arange(self.supply.size), np.diff(self.start))


def fold(problem: Problem, pairs: Pairs) -> Fold:
    """Fold ``problem`` over its eligible ``pairs``."""
    units = whole_units(problem)
    members = _members(problem, pairs)
    scale = math.lcm(*{len(unit) for unit in units}) if units else 1
    groups: dict[tuple[Member, ...], int] = {}
    types: dict[tuple[int, int, tuple[int, ...]], list[tuple[int, ...]]] = defaultdict(list)
    for unit in units:
        key = _group_key([members[person] for person in unit])
        group = groups.setdefault(key, len(groups))
        counts = np.bincount(
            problem.people.priority_class[list(unit)], minlength=problem.classes + 1
        )
        types[group, len(unit), tuple(counts[1:].tolist())].append(unit)
    folded = tuple(Type(*key, tuple(alike)) for key, alike in types.items())
    return _table(pairs, scale, problem.classes, list(groups), folded)


def whole_units(problem: Problem) -> list[tuple[int, ...]]:
    """Persons alone and whole households, ordered by their first row."""
    household = problem.people.household
    together: dict[int, list[int]] = {}
    units: list[list[int]] = []
    for person, number in enumerate(household.tolist()):
        if number == UNKNOWN:
            units.append([person])
        elif number in together:
            together[number].append(person)
        else:
            together[number] = [person]
            units.append(together[number])
    return [tuple(unit) for unit in units]


def _members(problem: Problem, pairs: Pairs) -> list[Member]:
    """Each person's row of pairs, and usual doctor if that doctor is in the row."""
    known = {
        (row, doctor)
        for row in set(pairs.row_of[problem.people.usual_doctor != UNKNOWN].tolist())
        for doctor in pairs.doctor[pairs.of(row)].tolist()
    }
    asked = zip(pairs.row_of.tolist(), problem.people.usual_doctor.tolist(), strict=True)
    return [(row, usual if (row, usual) in known else UNKNOWN) for row, usual in asked]


def _group_key(members: list[Member]) -> tuple[Member, ...]:
    """One member stands for all when they are alike, so that a couple joins the persons alone."""
    distinct = set(members)
    return tuple(distinct) if len(distinct) == 1 else tuple(sorted(members))


def _table(
    pairs: Pairs,
    scale: int,
    classes: int,
    groups: list[tuple[Member, ...]],
    types: tuple[Type, ...],
) -> Fold:
    arcs = [_arcs(pairs, scale, group) for group in groups]
    doctor, usual, bands, seconds = (
        np.concatenate([column[part] for column in arcs]) if arcs else np.zeros(0, np.int64)
        for part in range(4)
    )
    supply = np.zeros(len(groups), np.int64)
    for each in types:
        supply[each.group] += each.size * len(each.units)
    start = np.concatenate([[0], np.cumsum([column[0].size for column in arcs])]).astype(np.int64)
    return Fold(scale, classes, start, doctor, usual, bands, seconds, supply, types)


def _arcs(pairs: Pairs, scale: int, group: tuple[Member, ...]) -> tuple[Ints, Ints, Ints, Ints]:
    """Doctors open to every member, and what a place with each costs, times ``scale``."""
    doctor = pairs.doctor[pairs.of(group[0][0])]
    for row, _ in group[1:]:
        doctor = doctor[np.isin(doctor, pairs.doctor[pairs.of(row)])]
    usual, bands, seconds = (np.zeros(doctor.size, np.int64) for _ in range(3))
    for row, usual_doctor in group:
        span = pairs.of(row)
        way = pairs.seconds[span][np.searchsorted(pairs.doctor[span], doctor)]
        usual += doctor == usual_doctor
        bands += way // BAND_SECONDS
        seconds += way
    share = scale // len(group)
    return doctor, usual * share, bands * share, seconds * share
