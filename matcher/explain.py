"""Why each patient waits on, as data: one of a closed list of reasons, with its figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from matcher import travel
from matcher.folding import whole_units
from matcher.matching import Matching
from matcher.pairs import Pairs, eligible
from matcher.problem import UNKNOWN, Flags, Problem
from matcher.rules import RULES, Candidates


class Reason(StrEnum):
    """Why somebody has no proposal. The first that applies, in this order."""

    NO_DOCTOR_WITHIN_REACH = "no_doctor_within_reach"
    BEYOND_PERSONAL_LIMIT = "beyond_personal_limit"
    NO_HOME_VISIT = "no_home_visit"
    NO_ACCESSIBLE_PRACTICE = "no_accessible_practice"
    NO_COMMON_LANGUAGE = "no_common_language"
    AGE_NOT_ACCEPTED = "age_not_accepted"
    NO_DOCTOR_FOR_WHOLE_HOUSEHOLD = "no_doctor_for_whole_household"
    NO_PLACES_OFFERED = "no_places_offered"
    HOUSEHOLD_LARGER_THAN_PLACES = "household_larger_than_places"
    NOT_ENOUGH_PLACES_TOGETHER = "not_enough_places_together"
    PLACES_TAKEN_BY_HIGHER_PRIORITY = "places_taken_by_higher_priority"
    PLACES_TAKEN_BY_LONGER_WAITING = "places_taken_by_longer_waiting"
    PLACES_TAKEN_BY_DRAW = "places_taken_by_draw"
    PLACES_TAKEN_IN_SAME_CLASS = "places_taken_in_same_class"


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
    """What can be said of a round, one row per person."""

    eligible: Flags
    """At least one doctor satisfies every rule for the whole household, places or not."""
    nearest: Flags
    """The doctor proposed is the nearest of those eligible."""
    waits: tuple[Wait, ...]


def explain(problem: Problem, matching: Matching) -> Explanation:
    """Reasons of an answer. Costs one more pass over the pairs, doctors without places included."""
    everyone = np.ones(problem.doctors.id.size, np.bool_)
    scene = _Scene(problem, matching, eligible(problem, everyone))
    possible = np.zeros(problem.people.id.size, np.bool_)
    waits: list[Wait] = []
    for unit in whole_units(problem):
        choice = scene.choice(unit)
        possible[list(unit)] = choice.doctors > 0
        if matching.doctor[unit[0]] == UNKNOWN:
            waits.extend(scene.waits(unit, choice))
    waits.sort(key=lambda wait: wait.person)
    return Explanation(possible, scene.nearest(), tuple(waits))


@dataclass(frozen=True)
class _Choice:
    """The doctors open to a unit, counted with their places."""

    doctors: int
    places: int
    largest: int
    """Most places that one of them offers."""
    free: int
    last_class: int
    """Class of the least urgent patient that any of them gets."""


class _Scene:
    """The answer seen from its pairs: loads, occupants, equals."""

    def __init__(self, problem: Problem, matching: Matching, pairs: Pairs) -> None:
        self.problem, self.matching, self.pairs = problem, matching, pairs
        self._choices: dict[tuple[int, ...], _Choice] = {}
        self._reasons: dict[int, Reason] = {}
        doctors = problem.doctors.id.size
        served = matching.doctor != UNKNOWN
        self.free = problem.doctors.places - np.bincount(matching.doctor[served], minlength=doctors)
        self.last_class = np.zeros(doctors, np.int64)
        """Class of the least urgent patient each doctor gets."""
        np.maximum.at(
            self.last_class, matching.doctor[served], problem.people.priority_class[served]
        )
        self.served_traits = {self.traits(person) for person in np.flatnonzero(served).tolist()}

    def traits(self, person: int) -> tuple[int, int, int]:
        """What two persons alone must share to be interchangeable."""
        people = self.problem.people
        return (
            int(self.pairs.row_of[person]),
            int(people.usual_doctor[person]),
            int(people.priority_class[person]),
        )

    def choice(self, unit: tuple[int, ...]) -> _Choice:
        """The doctors who could take every member, and what became of their places."""
        rows = tuple(sorted({int(self.pairs.row_of[person]) for person in unit}))
        if rows not in self._choices:
            self._choices[rows] = self._chosen_from(rows)
        return self._choices[rows]

    def _chosen_from(self, rows: tuple[int, ...]) -> _Choice:
        doctors = self.pairs.doctor[self.pairs.of(rows[0])]
        for row in rows[1:]:
            doctors = doctors[np.isin(doctors, self.pairs.doctor[self.pairs.of(row)])]
        places, free = self.problem.doctors.places[doctors], self.free[doctors]
        return _Choice(
            doctors.size,
            int(places.sum()),
            int(places.max(initial=0)),
            int(free.sum()),
            int(self.last_class[doctors].max(initial=0)),
        )

    def waits(self, unit: tuple[int, ...], choice: _Choice) -> Iterator[Wait]:
        for person in unit:
            reason = self.why(unit, choice) if choice.doctors else self.why_nobody(unit, person)
            yield Wait(person, reason, choice.doctors, choice.places, choice.free)

    def why_nobody(self, unit: tuple[int, ...], person: int) -> Reason:
        """The first rule that leaves the person, or another of the household, without doctor."""
        for member in (person, *unit):
            if not self.pairs.doctor[self.pairs.of(int(self.pairs.row_of[member]))].size:
                return self._why_alone(member)
        return Reason.NO_DOCTOR_FOR_WHOLE_HOUSEHOLD

    def _why_alone(self, person: int) -> Reason:
        row = int(self.pairs.row_of[person])
        if row not in self._reasons:
            self._reasons[row] = self._first_rule_without_doctor(person)
        return self._reasons[row]

    def _first_rule_without_doctor(self, person: int) -> Reason:
        problem = self.problem
        doctor = np.arange(problem.doctors.id.size)
        rows = np.full(doctor.size, person)
        kilometres = travel.great_circle_km(
            problem.people.latitude[rows],
            problem.people.longitude[rows],
            problem.doctors.latitude,
            problem.doctors.longitude,
        )
        terms = problem.terms
        seconds = travel.seconds_for(kilometres, detour=terms.detour, speed_kmh=terms.speed_kmh)
        candidates = Candidates(problem, rows, doctor, kilometres, seconds)
        left = np.ones(doctor.size, np.bool_)
        for rule in RULES:
            left &= rule.mask(candidates)
            if not left.any():
                return OF_RULE[rule.name]
        raise AssertionError(f"person {person} has a doctor after all")

    def why(self, unit: tuple[int, ...], choice: _Choice) -> Reason:
        """Why a unit with possible doctors waits on: their places went to others."""
        if not choice.places:
            return Reason.NO_PLACES_OFFERED
        if choice.largest < len(unit):
            return Reason.HOUSEHOLD_LARGER_THAN_PLACES
        if choice.free:
            return Reason.NOT_ENOUGH_PLACES_TOGETHER
        return self._who_was_first(unit, choice)

    def _who_was_first(self, unit: tuple[int, ...], choice: _Choice) -> Reason:
        own = int(self.problem.people.priority_class[list(unit)].min())
        if choice.last_class < own:
            return Reason.PLACES_TAKEN_BY_HIGHER_PRIORITY
        if self.matching.drawn[unit[0]]:
            return Reason.PLACES_TAKEN_BY_DRAW
        if len(unit) == 1 and self.traits(unit[0]) in self.served_traits:
            return Reason.PLACES_TAKEN_BY_LONGER_WAITING
        return Reason.PLACES_TAKEN_IN_SAME_CLASS

    def nearest(self) -> Flags:
        """Whether each person's proposal is no farther than any other eligible doctor."""
        matching, pairs = self.matching, self.pairs
        shortest = np.full(pairs.start.size - 1, np.iinfo(np.int64).max)
        filled = np.flatnonzero(np.diff(pairs.start))
        if filled.size:
            shortest[filled] = np.minimum.reduceat(pairs.seconds, pairs.start[filled])
        served = matching.doctor != UNKNOWN
        no_farther: Flags = served & (matching.travel_seconds <= shortest[pairs.row_of])
        return no_farther
