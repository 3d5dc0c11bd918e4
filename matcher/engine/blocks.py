"""Doctors gathered by neighbourhood, so that most of a row need not be looked at.

A block is a few doctors that are close to one another. Knowing the highest price in each, one can
tell from the nearest doctor of each block alone which part of a row may hold a cheap arc.
"""

from typing import NamedTuple

import numpy as np

from compilation import frozen, lean
from matcher.network import Small
from matcher.problem import Ints

DOCTORS_IN_BLOCK = 16


class Blocks(NamedTuple):
    """Row ``r`` meets the blocks ``block[start[r]:start[r + 1]]``, the nearest first."""

    of_doctor: Small
    start: Ints
    block: Small
    way: Small
    """The shortest way of the row to a doctor of the block."""


def gather(start: Ints, doctor: Small, way: Small, doctors: int) -> Blocks:
    """Blocks of doctors next to one another in the order of the places where they are nearest."""
    start, doctor, way = frozen(start, np.int64), frozen(doctor, np.int32), frozen(way, np.int32)
    home = np.full(doctors, start.size - 1, np.int32)
    _find_homes(start, doctor, way, home, np.full(doctors, np.iinfo(np.int32).max, np.int32))
    of_doctor = np.empty(doctors, np.int32)
    of_doctor[np.argsort(home, kind="stable")] = np.arange(doctors) // DOCTORS_IN_BLOCK
    block, nearest = np.empty(doctor.size, np.int32), np.empty(doctor.size, np.int32)
    first, seen = np.zeros(start.size, np.int64), np.full(doctors, -1, np.int32)
    met = Blocks(of_doctor, first, block, nearest)
    _meet(start, doctor, way, met, seen)
    return met._replace(block=block[: first[-1]].copy(), way=nearest[: first[-1]].copy())


@lean
def _find_homes(start: Ints, doctor: Small, way: Small, home: Small, nearest: Small) -> None:
    for row in range(start.size - 1):
        for a in range(start[row], start[row + 1]):
            if way[a] < nearest[doctor[a]]:
                nearest[doctor[a]] = way[a]
                home[doctor[a]] = row


@lean
def _meet(start: Ints, doctor: Small, way: Small, met: Blocks, seen: Small) -> None:
    """Write down the blocks of each row; ``seen`` is the last row that met each."""
    at = 0
    for row in range(start.size - 1):
        for a in range(start[row], start[row + 1]):
            block = met.of_doctor[doctor[a]]
            if seen[block] != row:
                seen[block] = row
                met.block[at], met.way[at] = block, way[a]
                at += 1
        met.start[row + 1] = at
