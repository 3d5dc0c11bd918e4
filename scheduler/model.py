"""The roster as a linear model: one 0/1 decision per offered (doctor, slot) pair."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from ortools.math_opt.python import mathopt

from scheduler.calendar import Calendar
from scheduler.problem import Integers, Problem


@dataclass(frozen=True, eq=False)
class Draft:
    """A model being written: what is asked, and the decisions left to the solver.

    `taken[row]` is 1 if the duty of pair `row` is given; it is filled by the availability rule.
    """

    problem: Problem
    calendar: Calendar
    model: mathopt.Model = field(default_factory=mathopt.Model)
    taken: list[mathopt.Variable] = field(default_factory=list)

    def decide(self, pairs: int) -> None:
        """Create one decision for each offered pair."""
        self.taken.extend(self.model.add_binary_variable() for _ in range(pairs))

    def at_most(self, limit: int, rows: Integers) -> None:
        """Give at most `limit` of these pairs; nothing is written where that is sure."""
        if len(rows) > limit:
            chosen = [self.taken[row] for row in rows]
            self.model.add_linear_constraint(mathopt.fast_sum(chosen) <= limit)

    def pairs_by_doctor(self) -> Iterator[tuple[int, Integers]]:
        """Each doctor's row number with the row numbers of his pairs."""
        owners = self.problem.pair_doctor
        for doctor in range(len(self.problem.rpps)):
            begin, end = np.searchsorted(owners, [doctor, doctor + 1])
            yield doctor, np.arange(begin, end)
