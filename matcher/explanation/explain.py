"""Why each patient waits on, as data: one of a closed list of reasons, with its figures.

What is common to many is found once: what doctors can do for a group of the folded flow, why a
type of it comes late, and which rule leaves a kind of patients at one home without anybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np

from matcher import folding, travel
from matcher.folding import Fold
from matcher.matching import Matching
from matcher.nearby import between
from matcher.network import Network
from matcher.numbering import alike, distinct, examples, spread, starts
from matcher.problem import UNKNOWN, Flags, Integers, Ints, Problem
from matcher.rules import RULES

PIECE = 2_000_000
"""Pairs of a group and a doctor looked at together."""


class Reason(StrEnum):
    """Why somebody has no proposal. The first that applies, in this order."""

    NO_DOCTOR_WITHIN_REACH = "no_doctor_within_reach"
    BEYOND_PERSONAL_LIMIT = "beyond_personal_limit"
    NO_HOME_VISIT = "no_home_visit"
    NO_ACCESSIBLE_PRACTICE = "no_accessible_practice"
    NO_COMMON_LANGUAGE = "no_common_language"
    AGE_NOT_ACCEPTED = "age_not_accepted"
    ONLY_REFUSED_DOCTORS = "only_refused_doctors"
    NO_DOCTOR_FOR_WHOLE_HOUSEHOLD = "no_doctor_for_whole_household"
    NO_PLACES_OFFERED = "no_places_offered"
    HOUSEHOLD_LARGER_THAN_PLACES = "household_larger_than_places"
    NOT_ENOUGH_PLACES_TOGETHER = "not_enough_places_together"
    PLACES_TAKEN_BY_HIGHER_PRIORITY = "places_taken_by_higher_priority"
    PLACES_TAKEN_BY_LONGER_WAITING = "places_taken_by_longer_waiting"
    PLACES_TAKEN_BY_DRAW = "places_taken_by_draw"
    PLACES_TAKEN_IN_SAME_CLASS = "places_taken_in_same_class"


REASONS = tuple(Reason)
"""A column of reasons holds positions in this row."""

CODE = {reason: code for code, reason in enumerate(REASONS)}

OF_RULE = {
    "not_a_panel_doctor": Reason.NO_DOCTOR_WITHIN_REACH,
    "beyond_radius": Reason.NO_DOCTOR_WITHIN_REACH,
    "beyond_personal_limit": Reason.BEYOND_PERSONAL_LIMIT,
    "home_visit": Reason.NO_HOME_VISIT,
    "wheelchair": Reason.NO_ACCESSIBLE_PRACTICE,
    "language": Reason.NO_COMMON_LANGUAGE,
    "age": Reason.AGE_NOT_ACCEPTED,
}
"""The reason when a rule leaves no doctor: rules are tried in their order."""


@dataclass(frozen=True)
class Wait:
    """A patient without proposal: why, and how many doctors and places were possible at all."""

    person: int
    reason: Reason
    doctors: int
    """Doctors who could take the person, the whole household included."""
    places: int
    """What these doctors offer in this round."""
    free: int
    """What of it is left."""


@dataclass(frozen=True)
class Explanation:
    """What can be said of a round: of each person, then of each who waits on."""

    eligible: Flags
    """At least one doctor satisfies every rule for the whole household, places or not."""
    nearest: Flags
    """No doctor eligible for the whole household is nearer to it than the one proposed."""
    person: Ints
    """Who waits on, ascending; the columns below go along, as in ``Wait``."""
    reason: Ints
    """Position in ``REASONS``."""
    doctors: Ints
    places: Ints
    free: Ints

    @property
    def waits(self) -> tuple[Wait, ...]:
        """The same, one after the other; for rounds that fit in a list."""
        columns = (self.person, self.reason, self.doctors, self.places, self.free)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return tuple(Wait(person, REASONS[code], *figures) for person, code, *figures in rows)


def explain(problem: Problem, matching: Matching) -> Explanation:
    """Reasons of an answer to ``problem``. Costs one more pass over the pairs of the fold."""
    scene = _Scene(problem, matching, _with_everybody(problem, matching))
    choices = scene.choices()
    group = scene.fold.network.group_of_type[scene.type_]
    person = np.flatnonzero(matching.doctor == UNKNOWN)
    theirs = group[person]
    return Explanation(
        eligible=choices.doctors[group] > 0,
        nearest=scene.nearest(choices),
        person=person,
        reason=scene.reasons(choices)[person],
        doctors=choices.doctors[theirs],
        places=choices.places[theirs],
        free=choices.free[theirs],
    )


def _with_everybody(problem: Problem, matching: Matching) -> Fold:
    """The fold of the answer, in which those who were promised a doctor stand too."""
    if (problem.people.pinned == UNKNOWN).all():
        return matching.proof.fold
    free = np.broadcast_to(np.int32(UNKNOWN), problem.people.id.size)
    unpinned = replace(problem, people=replace(problem.people, pinned=free))
    return folding.fold(unpinned, matching.proof.nearby)


@dataclass(frozen=True)
class _Choices:
    """Per group: the doctors open to it, counted with their places."""

    doctors: Ints
    places: Ints
    largest: Ints
    """Most places that one of them offers."""
    free: Ints
    last_class: Ints
    """Class of the least urgent patient that any of them gets, 0 if none."""
    shortest: Ints
    """Scaled seconds of the shortest way per place, as in ``Network.way_seconds``."""


@dataclass(frozen=True)
class _Scene:
    """An answer, and the fold in which everybody stands."""

    problem: Problem
    matching: Matching
    fold: Fold

    @cached_property
    def served(self) -> Flags:
        served: Flags = self.matching.doctor != UNKNOWN
        return served

    @cached_property
    def unit(self) -> Ints:
        """The unit of each person."""
        unit = np.empty(self.served.size, np.int64)
        unit[self.fold.person] = np.repeat(
            np.arange(self.fold.unit_start.size - 1), np.diff(self.fold.unit_start)
        )
        return unit

    @cached_property
    def type_(self) -> Ints:
        """The type of each person."""
        return self.fold.type_of_person(self.served.size)

    def choices(self) -> _Choices:
        """What every group could choose from."""
        network, doctors = self.fold.network, self.problem.doctors
        given = self.matching.doctor[self.served]
        free = doctors.places - np.bincount(given, minlength=doctors.id.size)
        last_class = np.zeros(doctors.id.size, np.int64)
        np.maximum.at(last_class, given, self.problem.people.priority_class[self.served])
        found = np.zeros((6, network.groups), np.int64)
        for piece in _pieces(network):
            group, arc = network.pairs(piece)
            open_, first = np.unique(group, return_index=True)
            if not open_.size:
                continue
            doctor = network.doctor[arc]
            found[0, open_] = np.diff(np.append(first, group.size))
            found[1, open_] = np.add.reduceat(doctors.places[doctor].astype(np.int64), first)
            found[2, open_] = np.maximum.reduceat(doctors.places[doctor], first)
            found[3, open_] = np.add.reduceat(free[doctor], first)
            found[4, open_] = np.maximum.reduceat(last_class[doctor], first)
            found[5, open_] = np.minimum.reduceat(network.way_seconds[network.way[arc]], first)
        return _Choices(*found)

    def nearest(self, choices: _Choices) -> Flags:
        """Whether the unit of each person goes no farther than it must."""
        network, way = self.fold.network, self.matching.travel_seconds
        together = np.bincount(self.unit, np.where(self.served, way, 0)).astype(np.int64)
        scaled = together[self.unit] * (network.scale // network.type_size[self.type_])
        no_farther: Flags = scaled <= choices.shortest[network.group_of_type[self.type_]]
        return self.served & no_farther

    def reasons(self, choices: _Choices) -> Ints:
        """Why each person waits on; means nothing of those who do not."""
        of_type = self._of_types(choices)
        reason = of_type[self.type_]
        drawn = self.matching.drawn & (reason > CODE[Reason.PLACES_TAKEN_BY_HIGHER_PRIORITY])
        reason[drawn] = CODE[Reason.PLACES_TAKEN_BY_DRAW]
        nobody = choices.doctors[self.fold.network.group_of_type[self.type_]] == 0
        self._say_who_lacks(reason, np.flatnonzero(nobody & ~self.served))
        return reason

    def _of_types(self, choices: _Choices) -> Ints:
        """Why those of a type who have possible doctors wait on, draws aside."""
        network = self.fold.network
        group = network.group_of_type
        own_class = (network.type_classes > 0).argmax(axis=1) + 1
        some_served = np.bincount(self.type_[self.served], minlength=network.types) > 0
        cases = {
            Reason.NO_PLACES_OFFERED: choices.places[group] == 0,
            Reason.HOUSEHOLD_LARGER_THAN_PLACES: choices.largest[group] < network.type_size,
            Reason.NOT_ENOUGH_PLACES_TOGETHER: choices.free[group] > 0,
            Reason.PLACES_TAKEN_BY_HIGHER_PRIORITY: choices.last_class[group] < own_class,
            Reason.PLACES_TAKEN_BY_LONGER_WAITING: some_served & (network.type_size == 1),
        }
        return np.select(
            list(cases.values()),
            [CODE[reason] for reason in cases],
            CODE[Reason.PLACES_TAKEN_IN_SAME_CLASS],
        )

    def _say_who_lacks(self, reason: Ints, person: Ints) -> None:
        """For those whose unit has no doctor at all: the first rule that leaves the person, or
        another of the household, without any."""
        own = _first_rules(self.problem, person)
        order = np.lexsort((person, self.unit[person]))
        person, own = person[order], own[order]
        lacking = np.flatnonzero(own != UNKNOWN)
        unit, first = np.unique(self.unit[person[lacking]], return_index=True)
        of_unit = np.full(self.fold.unit_start.size, CODE[Reason.NO_DOCTOR_FOR_WHOLE_HOUSEHOLD])
        of_unit[unit] = own[lacking[first]]
        reason[person] = np.where(own != UNKNOWN, own, of_unit[self.unit[person]])


def _pieces(network: Network) -> Iterator[Ints]:
    """All groups, in pieces with so many pairs together."""
    ahead = np.cumsum(np.diff(network.start)[network.row]) // PIECE
    cuts = np.flatnonzero(np.diff(ahead)) + 1
    yield from np.split(np.arange(network.groups), cuts)


def _first_rules(problem: Problem, person: Ints) -> Ints:
    """Why each person, all by himself, has no doctor (a position in ``REASONS``); UNKNOWN where
    he has one."""
    number, example = _alike_alone(problem, person)
    start, doctor = _within_radius(problem, example)
    entry = np.repeat(np.arange(example.size), np.diff(start))
    pairs = between(problem, example[entry], doctor)
    left = np.ones(entry.size, np.bool_)
    reason = np.full(example.size, UNKNOWN)
    for rule in RULES:
        left &= rule.mask(pairs)
        _note(reason, entry[left], CODE[OF_RULE[rule.name]])
    left &= ~_refused(problem, example[entry], doctor)
    _note(reason, entry[left], CODE[Reason.ONLY_REFUSED_DOCTORS])
    return reason[number]


def _note(reason: Ints, having: Ints, code: int) -> None:
    """Those who are not among ``having`` any more, for this reason."""
    lost = reason == UNKNOWN
    lost[having] = False
    reason[lost] = code


def _alike_alone(problem: Problem, person: Ints) -> tuple[Integers, Ints]:
    """Number persons, those alike to every rule the same; and a person of each number."""
    people = problem.people
    columns = (
        people.home,
        people.age,
        people.needs_wheelchair,
        people.needs_home_visit,
        people.language_set,
        people.max_seconds,
    )
    refused = _refusal_numbers(problem)
    words = [np.unique(column[person], return_inverse=True)[1] for column in (*columns, refused)]
    across = np.stack(words, axis=1).reshape(-1)
    path = alike(np.arange(person.size + 1) * len(words), across)
    numbers, number = distinct(path)
    return number, person[examples(number, numbers.size)]


def _refusal_numbers(problem: Problem) -> Ints:
    """Per person: which doctors are refused, as a number; 0 where none."""
    number = np.zeros(problem.people.id.size, np.int64)
    refused = problem.refused
    some, length = np.unique(refused.person, return_counts=True)
    number[some] = alike(starts(length), refused.doctor) if some.size else 0
    return number


def _within_radius(problem: Problem, person: Ints) -> tuple[Ints, Ints]:
    """The doctors who build panels within the radius of each person's home, whoever they serve."""
    homes, doctors = problem.homes, problem.doctors
    home, which = np.unique(problem.people.home[person], return_inverse=True)
    start, doctor, _ = travel.nearest(
        homes.latitude[home],
        homes.longitude[home],
        doctors.latitude,
        doctors.longitude,
        terms=problem.terms,
        among=np.flatnonzero(doctors.builds_panel),
    )
    size = np.diff(start)[which]
    return starts(size), doctor[spread(start[which], size)].astype(np.int64)


def _refused(problem: Problem, person: Ints, doctor: Ints) -> Flags:
    doctors = problem.doctors.id.size
    key = problem.refused.person.astype(np.int64) * doctors + problem.refused.doctor
    return np.isin(person * doctors + doctor, key)
