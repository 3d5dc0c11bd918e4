"""The folded round as a flow, without a list of its arcs.

    group --(cost of the way, no limit)--> doctor --(tenths of the places, ever dearer)--> sink
    group --(cost of staying without doctor, one arc per type)--> sink

A *group* is people who live at one place with the same needs: one supply node. A *type* is those of
a group whom it costs the same to leave without doctor. The arcs from groups to doctors are never
written down: the groups of a place share one *row* of nearest doctors, and a group may travel to
a doctor if the way is no longer than what both accept. Memory goes with places and groups, not with
pairs of a patient and a doctor.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.problem import Flags, Ints

Small = NDArray[np.int32]
"""Row numbers and ways: half the memory of the table of a whole country."""

SEGMENTS = 10
"""Filling a doctor's places costs 1, 3, 5, ... 19 per patient, tenth after tenth (balance)."""

ANY_WAY = np.int32(2**31 - 1)
NO_WAY = np.int32(-1)


@dataclass(frozen=True)
class Network:
    """Everything the engine needs to know. All arrays are read-only to it.

    An arc from group ``g`` to a doctor is a position ``a`` of the table with
    ``start[row[g]] <= a < start[row[g] + 1]`` and
    ``way[a] <= min(limit[g], reach[kind[g], doctor[a]])``.
    """

    scale: int
    """Costs per place are multiplied by this, so that the costs of a household divide evenly."""

    start: Ints
    """Row ``r`` of the table is ``start[r]:start[r + 1]``."""
    doctor: Small
    way: Small
    """Which way it is: a row of ``way_seconds``. Ascending within a row, ties by doctor."""
    way_seconds: Ints
    """``scale`` times the seconds of a way, per place. For the ways of a person alone, way ``w``
    is ``w`` seconds long; the ways of households whose members start apart come after those."""
    way_bands: Ints
    """``scale`` times the bands of five minutes, per place."""

    reach: Small
    """``[kind, doctor]``: the longest way over which the doctor serves that kind of needs; NO_WAY
    if never, ANY_WAY if any distance will do."""
    places: Ints
    """Per doctor: places offered."""
    taken: Ints
    """Per doctor: places promised beforehand; they fill the first tenths. At most ``places``."""

    row: Small
    """Per group."""
    kind: Small
    limit: Small
    """Per group: the longest way that all accept."""
    supply: Ints
    """Per group: the places that would serve all of it, > 0."""

    usual_start: Ints
    """The usual doctors of group ``g`` are ``usual_start[g]:usual_start[g + 1]``."""
    usual_arc: Ints
    """Position in the table; always an arc of the group."""
    usual_gain: Ints
    """``scale`` times the persons proposed to their usual doctor, per place, > 0."""

    type_start: Ints
    """The types of group ``g`` are ``type_start[g]:type_start[g + 1]``, at least one, in ascending
    order of what it costs to leave a place of them without doctor (class by class, 1 first)."""
    type_size: Ints
    """Persons in each unit (1 alone, more for a household), hence places it takes."""
    type_units: Ints
    type_classes: Ints
    """``[type, class]``: persons of each class in one unit."""

    @property
    def groups(self) -> int:
        return self.row.size

    @property
    def doctors(self) -> int:
        return self.places.size

    @property
    def types(self) -> int:
        return self.type_size.size

    @property
    def type_room(self) -> Ints:
        """Per type: places of all its units together."""
        return self.type_size * self.type_units

    @cached_property
    def group_of_type(self) -> Ints:
        return np.repeat(np.arange(self.groups), np.diff(self.type_start))

    @property
    def segment_room(self) -> Ints:
        """``[doctor, s]``: places left between ``floor(p s / 10)`` and ``floor(p (s + 1) / 10)``
        once the ``taken`` are given."""
        steps = self.places[:, None] * np.arange(SEGMENTS + 1)[None, :] // SEGMENTS
        room: Ints = np.diff(np.maximum(steps, self.taken[:, None]), axis=1)
        return room

    def pairs(self, groups: Ints) -> tuple[Ints, Ints]:
        """Every arc of some groups to doctors, written down: ``(group, position in the table)``."""
        first, length = self.start[self.row[groups]], np.diff(self.start)[self.row[groups]]
        group = np.repeat(groups, length)
        offset = np.arange(group.size) - np.repeat(np.cumsum(length) - length, length)
        arc = np.repeat(first, length) + offset
        longest = np.minimum(self.limit[group], self.reach[self.kind[group], self.doctor[arc]])
        served = self.way[arc] <= longest
        return group[served], arc[served]

    def serves(self, group: int) -> Flags:
        """Which positions of the group's row are arcs of the group."""
        span = slice(int(self.start[self.row[group]]), int(self.start[self.row[group] + 1]))
        way, reach = self.way[span], self.reach[self.kind[group], self.doctor[span]]
        usable: Flags = way <= np.minimum(self.limit[group], reach)
        return usable


@dataclass(frozen=True)
class Costs:
    """What each arc costs, as two words compared one after the other: ``high`` first, then ``low``.

    Between the words the order is strict by construction; within a word, by exact weights
    (``levels.py``). A way costs nothing in the high word.
    """

    way: Ints
    """Low word, per way and place."""
    usual: tuple[int, int]
    """(high, low) of one unit of ``usual_gain``, at most zero."""
    stay_high: Ints
    """Per type and place left without doctor."""
    stay_low: Ints
    segment: Ints
    """Low word of the ten tenths of a doctor's places, ascending."""


@dataclass(frozen=True)
class Basis:
    """A spanning tree of groups (first), doctors (next) and the sink (last): where to start from.

    Together with a network it determines every flow and every price.
    """

    parent: Small
    arc: Ints
    """Of a pair of group and doctor: the position in the table, or ``-2 - u`` for the position
    ``u`` of ``usual_arc``; -1 for a node that hangs on the sink."""
    segment: Small
    """Per node: which of its arcs to the sink comes next; those before are full, those after
    empty. Counted from 0 within the node's types or tenths; SEGMENTS if all tenths are full."""
    high: Ints
    """Per node: the price it had, in two words. A solve that starts from here looks first where
    prices are no longer what they were."""
    low: Ints
    arcs: object = None
    """The arcs as the engine read them, of use to it alone, for as long as they are the same."""


@dataclass(frozen=True)
class Flow:
    """An optimum in places, with the prices that prove it. Groups and doctors as in the network."""

    group: Ints
    """Of each arc that carries something."""
    arc: Ints
    """Position in the table."""
    usual: Ints
    """Position in ``usual_arc`` if these are the people who know that doctor, -1 otherwise."""
    amount: Ints
    """Places, > 0. At most one entry per (group, arc, usual)."""
    stay: Ints
    """Per type: places left without doctor."""
    group_high: Ints
    """Price of each group, high word: the reduced cost of an arc is its cost plus the price where
    it begins minus the price where it ends, and the sink's price is zero."""
    group_low: Ints
    doctor_high: Ints
    doctor_low: Ints
    basis: Basis | None
    """Where a later solve may start from; None when the engine has none to offer."""

    def load(self, network: Network) -> Ints:
        """Per doctor: places given by this flow, those promised beforehand not counted."""
        doctor = network.doctor[self.arc]
        return np.bincount(doctor, weights=self.amount, minlength=network.doctors).astype(np.int64)
