"""Why each patient waits on, as data: one of a closed list of reasons, with its figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from matcher import travel
from matcher.folding import whole_units
from matcher.matching import Matching
from matcher.pairs import Pairs, eligible
from matcher.problem import UNKNOWN, Flags, Ints, Problem
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
        doctors = scene.doctors_of(unit)
        possible[list(unit)] = doctors.size > 0
        if matching.doctor[unit[0]] == UNKNOWN:
            waits.extend(scene.waits(unit, doctors))
    waits.sort(key=lambda wait: wait.person)
    return Explanation(possible, scene.nearest(), tuple(waits))


class _Scene:
    """The answer seen from its pairs: loads, occupants, equals."""

    def __init__(self, problem: Problem, matching: Matching, pairs: Pairs) -> None:
        self.problem, self.matching, self.pairs = problem, matching, pairs
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

    def doctors_of(self, unit: tuple[int, ...]) -> Ints:
        """Doctors who could take every member."""
        doctors = self.pairs.doctor[self.pairs.of(int(self.pairs.row_of[unit[0]]))]
        for person in unit[1:]:
            others = self.pairs.doctor[self.pairs.of(int(self.pairs.row_of[person]))]
            doctors = doctors[np.isin(doctors, others)]
        return doctors

    def waits(self, unit: tuple[int, ...], doctors: Ints) -> Iterator[Wait]:
        places = int(self.problem.doctors.places[doctors].sum())
        free = int(self.free[doctors].sum())
        for person in unit:
            reason = self.why_nobody(unit, person) if not doctors.size else self.why(unit, doctors)
            yield Wait(person, reason, doctors.size, places, free)

    def why_nobody(self, unit: tuple[int, ...], person: int) -> Reason:
        """The first rule that leaves the person, or another of the household, without doctor."""
        for member in (person, *unit):
            if not self.pairs.doctor[self.pairs.of(int(self.pairs.row_of[member]))].size:
                return self._first_rule_without_doctor(member)
        return Reason.NO_DOCTOR_FOR_WHOLE_HOUSEHOLD

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

    def why(self, unit: tuple[int, ...], doctors: Ints) -> Reason:
        """Why a unit with possible doctors waits on: their places went to others."""
        places = self.problem.doctors.places[doctors]
        if not places.any():
            return Reason.NO_PLACES_OFFERED
        if places.max() < len(unit):
            return Reason.HOUSEHOLD_LARGER_THAN_PLACES
        if self.free[doctors].any():
            return Reason.NOT_ENOUGH_PLACES_TOGETHER
        return self._who_was_first(unit, doctors)

    def _who_was_first(self, unit: tuple[int, ...], doctors: Ints) -> Reason:
        own = int(self.problem.people.priority_class[list(unit)].min())
        if self.last_class[doctors].max() < own:
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
