"""What another answer about the same people changes: the levels, and who moves."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matcher.matching import Matching, Status, Values
from matcher.problem import UNKNOWN, Flags, Ids

Change = Mapping[str, int]
"""By level, in their order, what changes; zeros left out. More people is better, less of anything
else is."""


@dataclass(frozen=True)
class Difference:
    """From one answer to another. People are counted by class, class 1 first.

    The counts of people are those of these two answers; between answers as good they may exceed
    what the change makes necessary.
    """

    change: Change
    proven: bool
    """Both answers are optimal, so that the change is exact; else it holds for these two only."""
    newly: tuple[int, ...]
    """Proposed to a doctor only by the later answer."""
    no_longer: tuple[int, ...]
    """Proposed to a doctor only by the earlier one."""
    elsewhere: tuple[int, ...]
    """Proposed to another doctor."""


def difference(before: Matching, after: Matching) -> Difference:
    """From ``before`` to ``after``; doctors are recognised by their ids."""
    was, becomes = before.doctor != UNKNOWN, after.doctor != UNKNOWN
    moved = was & becomes
    moved[moved] = _names(before)[before.doctor[moved]] != _names(after)[after.doctor[moved]]
    return Difference(
        change(before.values, after.values),
        proven=before.status is after.status is Status.OPTIMAL,
        newly=_by_class(after, becomes & ~was),
        no_longer=_by_class(after, was & ~becomes),
        elsewhere=_by_class(after, moved),
    )


def change(before: Values, after: Values) -> Change:
    """What changes from some values to others."""
    old, new = by_level(before), by_level(after)
    return {name: new[name] - old[name] for name in new if new[name] != old[name]}


def by_level(values: Values) -> Mapping[str, int]:
    """The levels by their names, in their order."""
    matched = {f"matched_{rank}": people for rank, people in enumerate(values.matched, start=1)}
    return matched | {name: level for name, level in vars(values).items() if name != "matched"}


def _names(matching: Matching) -> Ids:
    return matching.proof.problem.doctors.id


def _by_class(matching: Matching, whom: Flags) -> tuple[int, ...]:
    problem = matching.proof.problem
    counted = np.bincount(problem.people.priority_class[whom], minlength=problem.classes + 1)
    return tuple(counted[1:].tolist())
