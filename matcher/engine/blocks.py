"""Doctors gathered by neighbourhood, so that most of a row need not be looked at.

A block is a few doctors that are close to one another. Knowing the highest price in each, one can
tell from the nearest doctor of each block alone which part of a row may hold a cheap arc.
"""

from typing import NamedTuple

import numpy as np

from matcher.compiled import lean
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
    home = np.full(doctors, start.size - 1, np.int32)
    _find_homes(start, doctor, way, home, np.full(doctors, np.iinfo(np.int32).max, np.int32))
    of_doctor = np.empty(doctors, np.int32)
    of_doctor[np.argsort(home, kind="stable")] = np.arange(doctors) // DOCTORS_IN_BLOCK
    met = np.zeros(start.size, np.int64)
    seen = np.full(doctors // DOCTORS_IN_BLOCK + 1, -1, np.int32)
    _count(start, doctor, of_doctor, met, seen)
    first = np.cumsum(met)
    blocks = Blocks(of_doctor, first, np.empty(first[-1], np.int32), np.empty(first[-1], np.int32))
    seen[:] = -1
    _list(start, doctor, way, blocks, seen)
    return blocks


@lean
def _find_homes(start: Ints, doctor: Small, way: Small, home: Small, nearest: Small) -> None:
    for row in range(start.size - 1):
        for a in range(start[row], start[row + 1]):
            if way[a] < nearest[doctor[a]]:
                nearest[doctor[a]] = way[a]
                home[doctor[a]] = row


@lean
def _count(start: Ints, doctor: Small, of_doctor: Small, met: Ints, seen: Small) -> None:
    """``met[r + 1]``: how many blocks row ``r`` meets."""
    for row in range(start.size - 1):
        for a in range(start[row], start[row + 1]):
            block = of_doctor[doctor[a]]
            if seen[block] != row:
                seen[block] = row
                met[row + 1] += 1


@lean
def _list(start: Ints, doctor: Small, way: Small, blocks: Blocks, seen: Small) -> None:
    for row in range(start.size - 1):
        at = blocks.start[row]
        for a in range(start[row], start[row + 1]):
            block = blocks.of_doctor[doctor[a]]
            if seen[block] != row:
                seen[block] = row
                blocks.block[at], blocks.way[at] = block, way[a]
                at += 1
