"""Persons alone and whole households: what goes to one doctor together."""

from dataclasses import dataclass

import numpy as np

from matcher.network import Small
from matcher.numbering import in_order, spread, starts
from matcher.problem import UNKNOWN, Flags, Integers, Ints, Problem


@dataclass(frozen=True)
class Units:
    """The members of unit ``u`` are the person rows ``person[start[u]:start[u + 1]]``, ascending;
    units come in the order of their first members."""

    start: Integers
    person: Small

    @property
    def count(self) -> int:
        """How many units there are."""
        return self.start.size - 1

    @property
    def all_alone(self) -> bool:
        """Whether nobody goes with anybody."""
        return self.person.size == self.count

    @property
    def size(self) -> Ints:
        """Members of each unit."""
        if self.all_alone:
            return np.broadcast_to(np.int64(1), self.count)
        return np.diff(self.start)

    @property
    def households(self) -> Ints:
        """The units of several persons."""
        return np.zeros(0, np.int64) if self.all_alone else np.flatnonzero(self.size > 1)

    @property
    def first(self) -> Small:
        """First member of each unit."""
        return self.person if self.all_alone else self.person[self.start[:-1]]

    @property
    def of_member(self) -> Ints:
        """The unit of each entry of ``person``."""
        return np.repeat(np.arange(self.count), self.size)

    def chosen(self, which: Integers) -> "Units":
        """Some of the units, in the order given."""
        if self.all_alone:
            return Units(np.arange(which.size + 1, dtype=np.int32), self.person[which])
        size = self.size[which]
        return Units(starts(size), self.person[spread(self.start[which], size)])

    def promised(self, problem: Problem) -> Small:
        """Per unit: row of the doctor promised to a member, UNKNOWN if free."""
        unit, pinned = self.known(problem.people.pinned)
        doctor = np.full(self.count, UNKNOWN, np.int32)
        doctor[unit] = pinned
        return doctor

    def known(self, column: Integers) -> tuple[Ints, Integers]:
        """The unit of each member of whom a column of people says something, and what it says."""
        people = np.flatnonzero(column != UNKNOWN)
        if not people.size:
            return people, column[people]
        said = column[self.person]
        entry = np.flatnonzero(said != UNKNOWN)
        return np.searchsorted(self.start, entry, side="right") - 1, said[entry]

    def refused(self, problem: Problem) -> tuple[Ints, Ints]:
        """Pairs of a unit and a doctor whom a member must not be proposed to."""
        if not problem.refused.person.size:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        unit = np.full(problem.people.id.size, UNKNOWN, np.int64)
        unit[self.person] = self.of_member
        concerned = unit[problem.refused.person]
        here: Flags = concerned != UNKNOWN
        return concerned[here], problem.refused.doctor[here].astype(np.int64)


def units(problem: Problem) -> Units:
    """Everybody, in units."""
    household = problem.people.household
    head = np.arange(household.size, dtype=np.int32)
    together = np.flatnonzero(household != UNKNOWN)
    if not together.size:
        return Units(np.arange(household.size + 1, dtype=np.int32), head)
    _, first, number = np.unique(household[together], return_index=True, return_inverse=True)
    head[together] = together[first[number]]
    start, person = in_order(head, head.size)
    return Units(np.append(start[:-1][np.diff(start) > 0], head.size), person)
