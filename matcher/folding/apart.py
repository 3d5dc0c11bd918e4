"""Rows of their own for units that no home's row fits.

The members of a household may start from different homes, and a refused pair leaves one doctor
out of the row. Such a unit gets a row that holds exactly its doctors, so that no limit has to be
looked at again.
"""

from dataclasses import dataclass

import numpy as np

from matcher.folding.units import Units
from matcher.nearby import Nearby, between, eligible
from matcher.numbering import alike, distinct, examples, spread, starts
from matcher.problem import Flags, Ints, Problem

BAND_SECONDS = 300
"""Travel is compared in bands of five minutes before balance, and to the second after it."""


@dataclass(frozen=True)
class OwnRows:
    """Rows of doctors open to every member, one row for all units that are alike."""

    number: Ints
    """The row of each unit; neighbours are neighbours."""
    rows: int
    row: Ints
    """Of each arc, ascending."""
    doctor: Ints
    seconds: Ints
    """Of all members together."""
    bands: Ints
    size: Ints
    """Members, alongside."""
    together: Flags
    """Whether the members share a home, alongside."""


def own_rows(problem: Problem, nearby: Nearby, whole: Units) -> OwnRows:
    """The rows of ``whole``, whose units have no row that fits."""
    start, word = _words(problem, nearby, whole)
    rows, number = distinct(alike(start, word))
    seen = whole.chosen(examples(number, rows.size))
    by_home = np.argsort(problem.people.home[seen.first], kind="stable")
    seen, place = seen.chosen(by_home), np.argsort(by_home)
    home = problem.people.home[seen.first]
    length = np.diff(nearby.start)[home]
    row = np.repeat(np.arange(rows.size), length)
    doctor = nearby.doctor[spread(nearby.start[home], length)].astype(np.int64)
    offered = nearby.offered[doctor]
    row, doctor = row[offered], doctor[offered]
    open_, seconds, bands = _ways(problem, seen, row, doctor)
    row, doctor = row[open_], doctor[open_]
    alone = _share_a_home(problem, seen)
    return OwnRows(
        place[number], rows.size, row, doctor, seconds, bands, seen.size[row], alone[row]
    )


def _words(problem: Problem, nearby: Nearby, whole: Units) -> tuple[Ints, Ints]:
    """What tells units apart: homes and needs of the members, doctors refused; in one order."""
    home = problem.people.home[whole.person]
    traits = np.stack([home, nearby.kind[whole.person], nearby.limit[whole.person]])
    kinds, trait = np.unique(traits, axis=1, return_inverse=True)
    concerned, refused = whole.refused(problem)
    unit = np.concatenate([whole.of_member, concerned])
    word = np.concatenate([trait.ravel(), kinds.shape[1] + refused])
    order = np.lexsort((word, unit))
    return starts(np.bincount(unit, minlength=whole.count)), word[order]


def _ways(problem: Problem, whole: Units, unit: Ints, doctor: Ints) -> tuple[Flags, Ints, Ints]:
    """Which pairs every rule allows for every member, and the seconds and bands of those."""
    concerned, refused = whole.refused(problem)
    doctors = problem.doctors.id.size
    open_ = ~np.isin(unit * doctors + doctor, concerned * doctors + refused)
    seconds, bands = np.zeros((2, unit.size), np.int64)
    for rank in range(int(whole.size.max(initial=0))):
        has = np.flatnonzero(whole.size[unit] > rank)
        pairs = between(problem, whole.person[whole.start[unit[has]] + rank], doctor[has])
        open_[has] &= eligible(pairs)
        seconds[has] += pairs.seconds
        bands[has] += pairs.seconds // BAND_SECONDS
    return open_, seconds[open_], bands[open_]


def _share_a_home(problem: Problem, whole: Units) -> Flags:
    home = problem.people.home[whole.person]
    begin = whole.start[:-1]
    same: Flags = np.minimum.reduceat(home, begin) == np.maximum.reduceat(home, begin)
    return same
