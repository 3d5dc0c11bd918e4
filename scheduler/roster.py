"""The answer: who holds which duty, how good that is, and how far it is proven."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from scheduler.problem import Integers

Status: TypeAlias = Literal["optimal", "feasible"]
"""A roster with nobody in it breaks no rule, so there is always an answer."""


Prover: TypeAlias = Literal["", "bound", "highs", "flow"]
"""Who proved a level: nobody, a count that needs no solver, or an engine."""


@dataclass(frozen=True, eq=False)
class Roster:
    """Duties as two columns: row numbers of the doctor and of the slot in the problem."""

    doctor: Integers
    slot: Integers

    def duties(self) -> list[tuple[int, int]]:
        """The (doctor, slot) pairs, as plain integers, in the order of the columns."""
        return [(int(d), int(s)) for d, s in zip(self.doctor, self.slot, strict=True)]


def roster(duties: list[tuple[int, int]]) -> Roster:
    """A roster from (doctor, slot) row numbers, sorted."""
    columns = np.array(sorted(duties), np.int64).reshape(-1, 2)
    return Roster(columns[:, 0].copy(), columns[:, 1].copy())


@dataclass(frozen=True)
class Level:
    """One level of the objective: its exact value and the best value anybody could reach.

    `bound` holds with the earlier levels at the values found: an upper bound where more is
    better (`filled_*`, `wishes`), a lower bound where less is (`changes`, `minimums`, `fairness`).
    `proved_by` says whose bound the value has met.
    """

    name: str
    value: int
    bound: int
    proved_by: Prover = ""

    @property
    def gap(self) -> int:
        """Distance between value and bound, in units of the level; 0 is a proof."""
        return abs(self.bound - self.value)


@dataclass(frozen=True, eq=False)
class Outcome:
    """A checked roster with the levels of the objective in their order."""

    roster: Roster
    levels: tuple[Level, ...]

    @property
    def status(self) -> Status:
        """`optimal` when every level is proven, else `feasible`."""
        return "optimal" if all(level.gap == 0 for level in self.levels) else "feasible"
