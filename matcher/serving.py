"""Who, among interchangeable units, is served: the longest waiting first, then a seeded draw."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from matcher.folding import Fold, Type
from matcher.households import Whole
from matcher.problem import UNKNOWN, Flags, Ints, Problem


@dataclass(frozen=True)
class Served:
    """The doctor of each person (UNKNOWN = waits on), and whose turn a draw decided."""

    doctor: Ints
    drawn: Flags


@dataclass
class _Turns:
    """The order of turns in a problem, and what has been given so far."""

    problem: Problem
    ticket: Ints
    served: Served = field(init=False)

    def __post_init__(self) -> None:
        rows = self.problem.people.id.size
        self.served = Served(np.full(rows, UNKNOWN, np.int64), np.zeros(rows, np.bool_))

    def order(self, unit: tuple[int, ...]) -> tuple[int, int]:
        """Longest wait of the unit first, then the ticket drawn for its first member."""
        return -self.wait(unit), int(self.ticket[unit[0]])

    def wait(self, unit: tuple[int, ...]) -> int:
        return int(self.problem.people.waiting_days[list(unit)].max())

    def first(self, kind: Type, number: int) -> list[tuple[int, ...]]:
        """The ``number`` units whose turn it is; marks those between whom the draw decided."""
        turns = sorted(kind.units, key=self.order)
        if 0 < number < len(turns) and self.wait(turns[number - 1]) == self.wait(turns[number]):
            for unit in turns:
                if self.wait(unit) == self.wait(turns[number]):
                    self.served.drawn[list(unit)] = True
        return turns[:number]

    def give(self, units: list[tuple[int, ...]], doctors: list[int]) -> None:
        for unit, doctor in zip(units, doctors, strict=True):
            self.served.doctor[list(unit)] = doctor


def serve(problem: Problem, fold: Fold, whole: Whole, *, seed: int) -> Served:
    """Give the places of ``whole`` to persons; of those a group gets, the nearest to the first."""
    rng = np.random.default_rng(seed)
    turns = _Turns(problem, rng.permutation(problem.people.id.size).astype(np.int64))
    way = _order_of_doctors(fold)
    singles: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for number, kind in enumerate(fold.types):
        going = turns.first(kind, len(kind.units) - int(whole.left_out[number]))
        if kind.size == 1:
            singles[kind.group].extend(going)
        else:
            doctors = _places(whole.given, number, way[kind.group])
            turns.give(going, doctors)
    for group, units in singles.items():
        units.sort(
            key=lambda unit: (int(problem.people.priority_class[unit[0]]), turns.order(unit))
        )
        turns.give(units, _places(whole.singles, group, way[group]))
    return turns.served


def _order_of_doctors(fold: Fold) -> list[dict[int, tuple[int, int, int]]]:
    """Per group: the rank of each doctor, the usual one first, then the nearest."""
    ways: list[dict[int, tuple[int, int, int]]] = []
    for begin, end in zip(fold.start[:-1].tolist(), fold.start[1:].tolist(), strict=True):
        doctors, usual = fold.doctor[begin:end].tolist(), (-fold.usual[begin:end]).tolist()
        seconds = fold.seconds[begin:end].tolist()
        ranks = zip(usual, seconds, doctors, strict=True)
        ways.append(dict(zip(doctors, ranks, strict=True)))
    return ways


def _places(
    given: dict[int, list[tuple[int, int]]], key: int, way: dict[int, tuple[int, int, int]]
) -> list[int]:
    """The doctors that a group or type gets, one entry per unit, best first."""
    parts = sorted(given.get(key, []), key=lambda part: way[part[0]])
    return [doctor for doctor, units in parts for _ in range(units)]
