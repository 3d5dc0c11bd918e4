from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import matcher
from matcher import pairs, travel
from matcher.rules import RULES, Candidates, Journey
from tests.matcher import cramped, worlds
from tests.matcher.worlds import a_doctor, a_patient, north_by_km

Record = dict[str, Any]
FIVE_KM_SECONDS = round(5 * 1.3 / 40 * 3600)


def is_served(patient: Record, doctor: Record, **terms: float) -> bool:
    """What the masks say, after making sure that the plain halves say the same."""
    problem = worlds.asked([{**a_patient("P"), **patient}], [{**a_doctor("D"), **doctor}], **terms)
    everyone = np.ones(1, np.bool_)
    table = pairs.eligible(problem, everyone)
    kilometres = matcher.kilometres_between(problem, 0, 0)
    seconds = round(kilometres * problem.terms.detour / problem.terms.speed_kmh * 3600)
    journey = Journey(problem, 0, 0, kilometres, seconds)
    plainly = all(rule.serves(journey) for rule in RULES)
    assert (table.doctor.size == 1) == plainly
    return plainly


@pytest.mark.parametrize(
    ("patient", "doctor", "served"),
    [
        ({"age": 16}, {"min_age": 16}, True),
        ({"age": 15}, {"min_age": 16}, False),
        ({"age": 75}, {"max_age": 75}, True),
        ({"age": 76}, {"max_age": 75}, False),
        ({"age": None}, {"min_age": 16, "max_age": 75}, True),
        ({"needs_wheelchair": True}, {"wheelchair": True}, True),
        ({"needs_wheelchair": True}, {"wheelchair": False}, False),
        ({"needs_wheelchair": True}, {"wheelchair": None}, False),
        ({"needs_wheelchair": None}, {"wheelchair": False}, True),
        ({"needs_home_visit": True}, {"home_visit_minutes": None}, False),
        ({"needs_home_visit": True}, {"home_visit_minutes": 0}, True),
        ({"needs_home_visit": None}, {"home_visit_minutes": None}, True),
        ({"languages": ()}, {"languages": ("fr",)}, True),
        ({"languages": ("fr",)}, {"languages": ()}, True),
        ({"languages": ("uk",)}, {"languages": ()}, False),
        ({"languages": ("uk", "fr")}, {"languages": ("fr", "de")}, True),
        ({"languages": ()}, {"languages": ("de",)}, False),
        ({}, {"builds_panel": False}, False),
        ({}, {"builds_panel": True}, True),
    ],
)
def test_each_need_and_condition_at_its_boundary(
    patient: Record, doctor: Record, served: bool
) -> None:
    assert is_served(patient, doctor) is served


@pytest.mark.parametrize(("slack_km", "served"), [(1e-6, True), (-1e-6, False)])
def test_the_radius_itself_is_within_reach_and_a_hair_more_is_not(
    slack_km: float, served: bool
) -> None:
    assert is_served({}, north_by_km(5), radius_km=5 + slack_km) is served


@pytest.mark.parametrize(("seconds", "served"), [(0, True), (-1, False)])
def test_the_patients_own_limit_is_included_to_the_second(seconds: int, served: bool) -> None:
    limit = {"max_minutes": (FIVE_KM_SECONDS + seconds) / 60}

    assert is_served(limit, north_by_km(5)) is served


@pytest.mark.parametrize(("seconds", "served"), [(0, True), (-1, False)])
def test_home_visits_go_as_far_as_the_doctor_says_to_the_second(seconds: int, served: bool) -> None:
    reach = {"home_visit_minutes": (FIVE_KM_SECONDS + seconds) / 60, **north_by_km(5)}

    assert is_served({"needs_home_visit": True}, reach) is served


@settings(max_examples=150, deadline=None)
@given(patients=cramped.patients(4), doctors=cramped.doctors(4))
def test_both_halves_of_every_rule_agree(patients: list[Record], doctors: list[Record]) -> None:
    problem = matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3)
    person, doctor = (grid.ravel() for grid in np.indices((len(patients), len(doctors))))
    people, offered = problem.people, problem.doctors
    kilometres = travel.great_circle_km(
        people.latitude[person],
        people.longitude[person],
        offered.latitude[doctor],
        offered.longitude[doctor],
    )
    seconds = travel.seconds_for(kilometres, detour=1.3, speed_kmh=20)
    candidates = Candidates(problem, person, doctor, kilometres, seconds)

    for rule in RULES:
        plainly = [
            rule.serves(Journey(problem, p, d, km, s))
            for p, d, km, s in zip(
                person.tolist(), doctor.tolist(), kilometres.tolist(), seconds.tolist(), strict=True
            )
        ]
        assert rule.mask(candidates).tolist() == plainly, rule.name


def test_every_rule_says_where_it_comes_from() -> None:
    sources: list[Callable[..., object] | str] = [rule.source for rule in RULES]

    assert all(sources)
    assert len({rule.name for rule in RULES}) == len(RULES)
