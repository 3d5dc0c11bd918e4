"""The hard rules of a pair, each written twice.

``how_far`` tells whole arrays apart, for the solver: the most seconds over which the rule lets a
patient go to a doctor, so that rules meet in a minimum. ``serves`` tells one patient and one
doctor, in plain Python, for the check and for explanations. Neither half calls the other: they
are each other's proof, and the tests ask of every rule that the two agree.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matcher.network import ANY_WAY, NO_WAY, Small
from matcher.problem import UNKNOWN, Flags, Floats, Ints, Problem


@dataclass(frozen=True)
class Pairs:
    """Pairs under examination: person rows and doctor rows, of shapes that broadcast."""

    problem: Problem
    person: Ints
    doctor: Ints


@dataclass(frozen=True)
class Candidates(Pairs):
    """Pairs, and what lies between them."""

    kilometres: Floats
    seconds: Ints


@dataclass(frozen=True)
class Journey:
    """One patient, one doctor, and what lies between them."""

    problem: Problem
    person: int
    doctor: int
    kilometres: float
    seconds: int


@dataclass(frozen=True)
class Rule:
    """A hard rule: its name (a reason code), where it comes from, and its two halves."""

    name: str
    source: str
    how_far: Callable[[Candidates], Small]
    """NO_WAY where the rule forbids the pair, ANY_WAY where no distance matters to it."""
    serves: Callable[[Journey], bool]

    def mask(self, pairs: Candidates) -> Flags:
        """Which pairs the rule lets through."""
        allowed: Flags = pairs.seconds <= self.how_far(pairs)
        return allowed


def _only_if(allowed: Flags) -> Small:
    return np.where(allowed, ANY_WAY, NO_WAY)


def _panel_how_far(pairs: Pairs) -> Small:
    return _only_if(pairs.problem.doctors.builds_panel[pairs.doctor])


def builds_panel(journey: Journey) -> bool:
    """A locum or an assistant is nobody's médecin traitant."""
    return bool(journey.problem.doctors.builds_panel[journey.doctor])


def _radius_how_far(pairs: Candidates) -> Small:
    # In kilometres: two ways of the same seconds may lie on either side of it.
    return _only_if(pairs.kilometres <= pairs.problem.terms.radius_km)


def within_radius(journey: Journey) -> bool:
    """Nobody is sent farther than the radius of the round, the radius itself included."""
    return journey.kilometres <= journey.problem.terms.radius_km


def _limit_how_far(pairs: Pairs) -> Small:
    return np.minimum(pairs.problem.people.max_seconds[pairs.person], ANY_WAY).astype(np.int32)


def within_personal_limit(journey: Journey) -> bool:
    """Nobody travels longer than he said he could."""
    return journey.seconds <= int(journey.problem.people.max_seconds[journey.person])


def _visit_how_far(pairs: Pairs) -> Small:
    visited = np.minimum(pairs.problem.doctors.home_visit_seconds[pairs.doctor], ANY_WAY)
    needed = pairs.problem.people.needs_home_visit[pairs.person]
    return np.where(needed, visited, ANY_WAY).astype(np.int32)


def visits_at_home(journey: Journey) -> bool:
    """Who cannot leave home gets a doctor who visits that far; unknown is not served."""
    reach = int(journey.problem.doctors.home_visit_seconds[journey.doctor])
    if not journey.problem.people.needs_home_visit[journey.person]:
        return True
    return reach != UNKNOWN and journey.seconds <= reach


def _wheelchair_how_far(pairs: Pairs) -> Small:
    needed = pairs.problem.people.needs_wheelchair[pairs.person]
    return _only_if(~needed | pairs.problem.doctors.wheelchair[pairs.doctor])


def lets_a_wheelchair_in(journey: Journey) -> bool:
    """Who comes in a wheelchair gets a practice known to be accessible."""
    if journey.problem.people.needs_wheelchair[journey.person]:
        return bool(journey.problem.doctors.wheelchair[journey.doctor])
    return True


def _language_how_far(pairs: Pairs) -> Small:
    spoken = pairs.problem.people.language_set[pairs.person]
    understood = pairs.problem.doctors.language_set[pairs.doctor]
    return _only_if(pairs.problem.common_language[spoken, understood])


def speaks_a_common_language(journey: Journey) -> bool:
    """Patient and doctor share at least one language; nothing said means French."""
    spoken = int(journey.problem.people.language_set[journey.person])
    understood = int(journey.problem.doctors.language_set[journey.doctor])
    return bool(journey.problem.common_language[spoken, understood])


def _age_how_far(pairs: Pairs) -> Small:
    age, doctors = pairs.problem.people.age[pairs.person], pairs.problem.doctors
    fits = (doctors.min_age[pairs.doctor] <= age) & (age <= doctors.max_age[pairs.doctor])
    return _only_if((age == UNKNOWN) | fits)


def takes_that_age(journey: Journey) -> bool:
    """A doctor's age limits hold, both included; an unknown age passes."""
    age, doctors = int(journey.problem.people.age[journey.person]), journey.problem.doctors
    if age == UNKNOWN:
        return True
    return int(doctors.min_age[journey.doctor]) <= age <= int(doctors.max_age[journey.doctor])


RULES = (
    Rule(
        "not_a_panel_doctor",
        "convention médicale: locums build no panel",
        _panel_how_far,
        builds_panel,
    ),
    Rule("beyond_radius", "terms of the round", _radius_how_far, within_radius),
    Rule("beyond_personal_limit", "the patient's word", _limit_how_far, within_personal_limit),
    Rule("home_visit", "the patient's need", _visit_how_far, visits_at_home),
    Rule("wheelchair", "the patient's need", _wheelchair_how_far, lets_a_wheelchair_in),
    Rule("language", "the patient's need", _language_how_far, speaks_a_common_language),
    Rule("age", "the doctor's condition", _age_how_far, takes_that_age),
)
"""Every rule, in the order in which an explanation tries them."""

OF_NEEDS = (_panel_how_far, _visit_how_far, _wheelchair_how_far, _language_how_far, _age_how_far)
"""What depends on the needs of a person and on the doctor only: neither on the place nor on the
person's own limit."""
