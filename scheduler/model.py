"""The hard rules as arrays: one 0/1 decision per pair, and limits on sums of them.

A whole rule is written at a time; nothing here loops over pairs.
"""

from dataclasses import dataclass, field

import numpy as np

from scheduler.calendar import Calendar, calendar
from scheduler.problem import Booleans, Integers, Pairs, Problem


@dataclass(frozen=True, eq=False)
class Limit:
    """Some rows of a model: the sum of `weight` over the taken pairs of a row is at most `most`.

    `row`, `pair` and `weight` have one entry each time a row names a pair; rows count from 0.
    """

    row: Integers
    pair: Integers
    weight: Integers
    most: Integers


@dataclass(frozen=True, eq=False)
class Draft:
    """A model being written: what is asked, and the decisions left to the solver.

    Pair p is given `least[p]` to `most[p]` times, 0 or 1. Nothing may be given before it is
    `offered`.
    """

    problem: Problem
    calendar: Calendar
    least: Integers
    most: Integers
    limits: list[Limit] = field(default_factory=list)

    def offer(self) -> None:
        """Leave every pair to be decided."""
        self.most[:] = 1

    def close(self, pairs: Booleans) -> None:
        """Never give these pairs."""
        self.most[pairs] = 0

    def keep(self, pairs: Booleans) -> None:
        """Give these pairs whatever it costs."""
        self.least[pairs] = 1

    def at_most(
        self, group: Integers, pair: Integers, most: Integers, weight: Integers | None = None
    ) -> None:
        """Limit each group of pairs; nothing is written where the limit cannot be passed.

        The columns have one entry for each pair of a group: the number of the group, the pair, what
        the group allows (the same in each entry of it), what the pair weighs, 1 if not told.
        """
        weight = np.ones_like(pair) if weight is None else weight
        _, first, row = np.unique(group, return_index=True, return_inverse=True)
        load = np.zeros(len(first), np.int64)
        np.add.at(load, row, weight)
        binds = load > most[first]
        number, entries = np.cumsum(binds) - 1, binds[row] & (weight > 0)
        self.limits.append(
            Limit(number[row[entries]], pair[entries], weight[entries], most[first[binds]])
        )

    def cap(self, caps: Integers, period: Integers) -> None:
        """Limit what each doctor with a cap takes in each period, given by slot."""
        doctor, slot = self.problem.pair_doctor, self.problem.pair_slot
        pair = np.flatnonzero(caps[doctor] >= 0)
        group = np.stack((doctor[pair], period[slot[pair]]))
        _, number = np.unique(group, axis=1, return_inverse=True)
        self.at_most(number.ravel(), pair, caps[doctor[pair]])

    def among(self, named: Pairs) -> Booleans:
        """Per pair: whether it is one of these."""
        slots = max(len(self.problem.slot_ids), 1)
        own = self.problem.pair_doctor * slots + self.problem.pair_slot
        return np.isin(own, named.doctor * slots + named.slot)

    def one_at_most(self, first: Integers, last: Integers, pairs: Booleans | None = None) -> None:
        """Of a doctor's slots whose closed ranges `first` to `last` meet, give one at most.

        Only these `pairs` count, all if none are named.

        Ranges on a line that all meet have a point in common. The last beginning before each end
        is such a point for every largest set of them, and for no other set.
        """
        begin, end = self._on_one_line(first, last)
        counted = np.arange(len(begin)) if pairs is None else np.flatnonzero(pairs)
        begin, end = begin[counted], end[counted]
        points = np.unique(begin)
        points = points[np.unique(np.searchsorted(points, end, "right") - 1)]
        own, point = _met(points, begin, end)
        self.at_most(point, counted[own], np.ones_like(own))

    def not_both(self, one: Integers, other: Integers) -> None:
        """Give at most one of the two pairs of each row."""
        group = np.tile(np.arange(len(one)), 2)
        self.at_most(group, np.concatenate((one, other)), np.ones_like(group))

    def followers(self, first: Integers, last: Integers) -> tuple[Integers, Integers]:
        """Two pairs of a same doctor, wherever the closed range of the first has the start of the
        second in it; `first` is when slots start."""
        begin, end = self._on_one_line(first, last)
        order = np.argsort(begin, kind="stable")
        before, at = _met(begin[order], begin, end)
        after = order[at]
        return before[before != after], after[before != after]

    def every_limit(self) -> Limit:
        """All limits as one, row after row."""
        above = np.cumsum([0, *(len(it.most) for it in self.limits)])
        none = np.empty(0, np.int64)
        return Limit(
            np.concatenate(
                [none, *(it.row + at for it, at in zip(self.limits, above, strict=False))]
            ),
            np.concatenate([none, *(it.pair for it in self.limits)]),
            np.concatenate([none, *(it.weight for it in self.limits)]),
            np.concatenate([none, *(it.most for it in self.limits)]),
        )

    def _on_one_line(self, first: Integers, last: Integers) -> tuple[Integers, Integers]:
        """The range of each pair, those of different doctors so far apart that they never meet."""
        doctor, slot = self.problem.pair_doctor, self.problem.pair_slot
        earliest = first.min(initial=0)
        apart = doctor * (last.max(initial=0) - earliest + 1) - earliest
        return first[slot] + apart, last[slot] + apart


def begun(problem: Problem) -> Draft:
    """A draft without any rule, where nothing may be given."""
    nothing = np.zeros(len(problem.pair_doctor), np.int64)
    return Draft(problem, calendar(problem), nothing, nothing.copy())


def _met(points: Integers, begin: Integers, end: Integers) -> tuple[Integers, Integers]:
    """The (range, point) rows of each sorted point within each closed range."""
    low, high = np.searchsorted(points, begin), np.searchsorted(points, end, "right")
    count = high - low
    own = np.repeat(np.arange(len(begin)), count)
    return own, np.arange(len(own)) + np.repeat(low - np.cumsum(count) + count, count)
