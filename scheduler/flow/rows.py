"""The rules of a roster as rows: of these pairs give so many at most.

They are read from the draft that the rules write for the other engine, so that both are asked the
same whatever the rules come to say. A row that cannot bind is left out.
"""

from dataclasses import dataclass, replace

import numpy as np

import compilation
from scheduler.flow.engine.network import Flags, Ints
from scheduler.model import Draft
from scheduler.problem import Problem


@dataclass(frozen=True, eq=False)
class Rows:
    """Of the pairs ``pair[start[r]:start[r + 1]]`` row ``r`` allows ``most``, counted by weight."""

    start: Ints
    pair: Ints
    weight: Ints
    most: Ints

    @property
    def size(self) -> Ints:
        return np.diff(self.start)

    @property
    def row(self) -> Ints:
        """Per entry."""
        return np.repeat(np.arange(self.most.size), self.size)

    @property
    def uneven(self) -> Flags:
        """Per row: whether its pairs weigh more or less than one."""
        return self.any(self.weight != 1)

    def any(self, entry: Flags) -> Flags:
        """Per row: whether it is true of any entry."""
        return np.bincount(self.row[entry], minlength=self.most.size) > 0

    def varied(self, entry: Ints) -> Flags:
        """Per row: whether its entries are not all the same."""
        return self.any(entry != np.repeat(entry[self.start[:-1]], self.size))

    def load(self, given: Flags) -> Ints:
        """Per row: what the pairs given weigh together."""
        total = np.zeros(self.most.size, np.int64)
        chosen = given[self.pair]
        np.add.at(total, self.row[chosen], self.weight[chosen])
        return total

    def only(self, rows: Flags, entries: Flags | None = None) -> "Rows":
        """Some of the rows, or some of their entries."""
        left = rows[self.row] if entries is None else rows[self.row] & entries
        size = np.bincount(self.row[left], minlength=self.most.size)[rows]
        start = np.concatenate(([0], np.cumsum(size)))
        return Rows(start, self.pair[left], self.weight[left], self.most[rows])

    def sorted(self, order: Ints) -> "Rows":
        """The rows in another order."""
        size = self.size[order]
        start = np.concatenate(([0], np.cumsum(size)))
        at = np.arange(start[-1]) + np.repeat(self.start[:-1][order] - start[:-1], size)
        return Rows(start, self.pair[at], self.weight[at], self.most[order])


@dataclass(frozen=True, eq=False)
class Question:
    """What is left to decide once pinned pairs are given and impossible ones struck out."""

    problem: Problem
    kept: Flags
    open: Flags
    seats: Ints
    """Per slot: seats that are left."""
    rows: Rows
    """The largest first; all pairs of a row are of one doctor."""


def question(draft: Draft) -> Question | None:
    """Read a draft; None if a row ties several doctors on several slots together.

    None as well where nothing can compile the loops that are to answer.
    """
    if not compilation.AVAILABLE:
        return None
    problem, kept = draft.problem, draft.least > 0
    rows, opened = _opened(_joined(draft), kept, (draft.most > 0) & ~kept)
    doctor, slot = problem.pair_doctor[rows.pair], problem.pair_slot[rows.pair]
    crowds = rows.varied(doctor)
    if (crowds & (rows.varied(slot) | rows.uneven)).any():
        return None
    seats = problem.doctors_needed - np.bincount(
        problem.pair_slot[kept], minlength=problem.doctors_needed.size
    )
    np.minimum.at(seats, slot[rows.start[:-1][crowds]], rows.most[crowds])
    own = rows.only(~crowds)
    own = own.sorted(np.argsort(-own.size, kind="stable"))
    return Question(problem, kept, opened, seats, own)


def _joined(draft: Draft) -> Rows:
    """All rows one after the other."""
    first = np.cumsum([0, *(limit.most.size for limit in draft.limits)])
    row = np.concatenate([it.row + at for it, at in zip(draft.limits, first[:-1], strict=True)])
    order = np.argsort(row, kind="stable")
    return Rows(
        start=np.searchsorted(row[order], np.arange(first[-1] + 1)),
        pair=np.concatenate([limit.pair for limit in draft.limits])[order],
        weight=np.concatenate([limit.weight for limit in draft.limits])[order],
        most=np.concatenate([limit.most for limit in draft.limits]),
    )


def _opened(rows: Rows, kept: Flags, opened: Flags) -> tuple[Rows, Flags]:
    """The rows once kept pairs are given, without those that cannot bind; the pairs still open."""
    rows = replace(rows, most=rows.most - rows.load(kept))
    opened = opened.copy()
    opened[rows.pair[rows.weight > rows.most[rows.row]]] = False
    binds = rows.load(opened) > rows.most
    return _one_weight(rows.only(binds, opened[rows.pair])), opened


def _one_weight(rows: Rows) -> Rows:
    """Pairs that all weigh the same in a row may as well weigh 1."""
    first = rows.weight[rows.start[:-1]]
    unit = np.where(rows.varied(rows.weight), 1, first)
    return replace(rows, weight=rows.weight // np.repeat(unit, rows.size), most=rows.most // unit)
