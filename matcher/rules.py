"""The hard rules of a pair, each written twice.

``mask`` tells whole arrays apart, for the solver; ``serves`` tells one patient and one doctor, in
plain Python, for the check and for explanations. Neither half calls the other: they are each
other's proof, and the tests ask of every rule that the two agree.
"""

from collections.abc import Callable
from dataclasses import dataclass

from matcher.problem import UNKNOWN, Flags, Floats, Ints, Problem


@dataclass(frozen=True)
class Candidates:
    """Pairs under examination: person rows, doctor rows, and what lies between them."""

    problem: Problem
    person: Ints
    doctor: Ints
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
    mask: Callable[[Candidates], Flags]
    serves: Callable[[Journey], bool]


def _panel_mask(pairs: Candidates) -> Flags:
    return pairs.problem.doctors.builds_panel[pairs.doctor]


def builds_panel(journey: Journey) -> bool:
    """A locum or an assistant is nobody's médecin traitant."""
    return bool(journey.problem.doctors.builds_panel[journey.doctor])


def _radius_mask(pairs: Candidates) -> Flags:
    return pairs.kilometres <= pairs.problem.terms.radius_km


def within_radius(journey: Journey) -> bool:
    """Nobody is sent farther than the radius of the round, the radius itself included."""
    return journey.kilometres <= journey.problem.terms.radius_km


def _limit_mask(pairs: Candidates) -> Flags:
    return pairs.seconds <= pairs.problem.people.max_seconds[pairs.person]


def within_personal_limit(journey: Journey) -> bool:
    """Nobody travels longer than he said he could."""
    return journey.seconds <= int(journey.problem.people.max_seconds[journey.person])


def _home_mask(pairs: Candidates) -> Flags:
    reach = pairs.problem.doctors.home_visit_seconds[pairs.doctor]
    return ~pairs.problem.people.needs_home_visit[pairs.person] | (pairs.seconds <= reach)


def visits_at_home(journey: Journey) -> bool:
    """Who cannot leave home gets a doctor who visits that far; unknown is not served."""
    reach = int(journey.problem.doctors.home_visit_seconds[journey.doctor])
    if not journey.problem.people.needs_home_visit[journey.person]:
        return True
    return reach != UNKNOWN and journey.seconds <= reach


def _wheelchair_mask(pairs: Candidates) -> Flags:
    needed = pairs.problem.people.needs_wheelchair[pairs.person]
    return ~needed | pairs.problem.doctors.wheelchair[pairs.doctor]


def lets_a_wheelchair_in(journey: Journey) -> bool:
    """Who comes in a wheelchair gets a practice known to be accessible."""
    if journey.problem.people.needs_wheelchair[journey.person]:
        return bool(journey.problem.doctors.wheelchair[journey.doctor])
    return True


def _language_mask(pairs: Candidates) -> Flags:
    people, doctors = pairs.problem.people, pairs.problem.doctors
    shared: Flags = pairs.problem.common_language[
        people.language_set[pairs.person], doctors.language_set[pairs.doctor]
    ]
    return shared


def speaks_a_common_language(journey: Journey) -> bool:
    """Patient and doctor share at least one language; nothing said means French."""
    spoken = int(journey.problem.people.language_set[journey.person])
    understood = int(journey.problem.doctors.language_set[journey.doctor])
    return bool(journey.problem.common_language[spoken, understood])


def _age_mask(pairs: Candidates) -> Flags:
    age, doctors = pairs.problem.people.age[pairs.person], pairs.problem.doctors
    fits = (doctors.min_age[pairs.doctor] <= age) & (age <= doctors.max_age[pairs.doctor])
    passes: Flags = (age == UNKNOWN) | fits
    return passes


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
        _panel_mask,
        builds_panel,
    ),
    Rule("beyond_radius", "terms of the round", _radius_mask, within_radius),
    Rule("beyond_personal_limit", "the patient's word", _limit_mask, within_personal_limit),
    Rule("home_visit", "the patient's need", _home_mask, visits_at_home),
    Rule("wheelchair", "the patient's need", _wheelchair_mask, lets_a_wheelchair_in),
    Rule("language", "the patient's need", _language_mask, speaks_a_common_language),
    Rule("age", "the doctor's condition", _age_mask, takes_that_age),
)
"""Every rule, in the order in which an explanation tries them."""
