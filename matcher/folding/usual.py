"""The doctors whom people already consult, where they are open to the whole unit."""

from dataclasses import dataclass

import numpy as np

from matcher.folding.table import Table, Traits
from matcher.folding.units import Units
from matcher.nearby import between
from matcher.network import Small
from matcher.numbering import alike, distinct, spread, starts
from matcher.problem import UNKNOWN, Ints, Problem


@dataclass(frozen=True)
class Usual:
    """Arcs to usual doctors, by unit, then doctor."""

    unit: Ints
    arc: Ints
    """Position in the table."""
    gain: Ints
    """``scale`` times the members who know the doctor, per place."""
    profile: Small
    """Per unit: alike where arcs and gains are; 0 where there are none."""


def usual_arcs(problem: Problem, whole: Units, table: Table, traits: Traits, scale: int) -> Usual:
    """The arcs of ``whole`` to doctors whom members already consult."""
    unit, doctor, known = _acquaintances(problem, whole)
    row = traits.row[unit]
    # Only the way from a home is known beforehand: rows of units apart are read from end to end.
    apart = row >= table.homes
    arc = np.empty(unit.size, np.int64)
    seconds = between(problem, whole.first[unit[~apart]], doctor[~apart]).seconds
    arc[~apart] = _bisected(table, row[~apart], seconds, doctor[~apart])
    arc[apart] = _read(table, row[apart], doctor[apart])
    limit = np.minimum(traits.limit[unit], traits.reach[traits.kind[unit], doctor])
    open_ = np.flatnonzero(arc != UNKNOWN)
    open_ = open_[table.way[arc[open_]] <= limit[open_]]
    unit, arc, gain = unit[open_], arc[open_], known[open_] * (scale // whole.size[unit[open_]])
    return Usual(unit, arc, gain, _profiles(whole.count, unit, arc * (scale + 1) + gain))


def _acquaintances(problem: Problem, whole: Units) -> tuple[Ints, Ints, Ints]:
    """Unit, doctor, and how many members consult that doctor."""
    doctors = max(problem.doctors.id.size, 1)
    unit, usual = whole.known(problem.people.usual_doctor)
    pair, known = np.unique(unit * doctors + usual, return_counts=True)
    return pair // doctors, pair % doctors, known


def _bisected(table: Table, row: Small, seconds: Ints, doctor: Ints) -> Ints:
    """Position of each doctor in the row of a home, so many seconds away; UNKNOWN if none."""
    low, end = table.start[row], table.start[row + 1]
    high = end
    while (unsettled := low < high).any():
        middle = np.where(unsettled, (low + high) // 2, 0)
        way = table.way[middle]
        before = (way < seconds) | ((way == seconds) & (table.doctor[middle] < doctor))
        low = np.where(unsettled & before, middle + 1, low)
        high = np.where(unsettled & ~before, middle, high)
    found = np.flatnonzero(low < end)
    found = found[table.doctor[low[found]] == doctor[found]]
    arc = np.full(row.size, UNKNOWN)
    arc[found] = low[found]
    return arc


def _read(table: Table, row: Small, doctor: Ints) -> Ints:
    """Position of each doctor in a row, whatever the way; UNKNOWN if none."""
    length = np.diff(table.start)[row]
    position, entry = spread(table.start[row], length), np.repeat(np.arange(row.size), length)
    hit = table.doctor[position] == doctor[entry]
    arc = np.full(row.size, UNKNOWN)
    arc[entry[hit]] = position[hit]
    return arc


def _profiles(units: int, unit: Ints, word: Ints) -> Small:
    profile = np.zeros(units, np.int32)
    holders, number = distinct(unit)
    profile[holders] = alike(starts(np.bincount(number)), distinct(word)[1])
    return profile
