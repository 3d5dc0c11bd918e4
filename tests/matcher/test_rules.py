from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import matcher
from matcher import travel
from matcher.nearby import between, nearby
from matcher.rules import OF_NEEDS, RULES, Journey
from tests.matcher import cramped, worlds
from tests.matcher.worlds import a_doctor, a_patient, north_by_km

Record = dict[str, Any]
FIVE_KM_SECONDS = round(5 * 1.3 / 40 * 3600)


def is_served(patient: Record, doctor: Record, **terms: float) -> bool:
    """What the search says, after making sure that the plain halves say the same."""
    problem = worlds.asked([{**a_patient("P"), **patient}], [{**a_doctor("D"), **doctor}], **terms)
    pair = between(problem, np.zeros(1, np.int64), np.zeros(1, np.int64))
    journey = Journey(problem, 0, 0, float(pair.kilometres[0]), int(pair.seconds[0]))
    plainly = all(rule.serves(journey) for rule in RULES)
    assert all(rule.mask(pair)[0] for rule in RULES) == plainly
    eligible, _ = nearby(problem, np.ones(1, np.bool_)).of(0)
    assert (eligible.size == 1) == plainly
    return plainly


@pytest.mark.parametrize(
    ("patient", "doctor", "served"),
    [
        ({"age": 16}, {"min_age": 16}, True),
        ({"age": 15}, {"min_age": 16}, False),
        ({"age": 75}, {"max_age": 75}, True),
        ({"age": 76}, {"max_age": 75}, False),
        ({"age": None}, {"min_age": 16, "max_age": 75}, True),
        ({"age": 0}, {"max_age": 75}, True),
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
        ({"max_minutes": 0}, {}, True),
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


def test_a_doctor_exactly_at_the_radius_is_within_reach() -> None:
    there = north_by_km(5)
    here, away = np.array([[48.69, 6.18], [there["latitude"], 6.18]])
    exactly = float(travel.great_circle_km(here[:1], here[1:], away[:1], away[1:])[0])

    assert is_served({}, there, radius_km=exactly)
    assert not is_served({}, there, radius_km=float(np.nextafter(exactly, 0)))


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
    pairs = between(problem, person, doctor)
    journeys = [
        Journey(problem, *pair)
        for pair in zip(
            person.tolist(),
            doctor.tolist(),
            pairs.kilometres.tolist(),
            pairs.seconds.tolist(),
            strict=True,
        )
    ]

    for rule in RULES:
        plainly = [rule.serves(journey) for journey in journeys]
        assert rule.mask(pairs).tolist() == plainly, rule.name


def test_every_rule_is_applied_once_by_the_search() -> None:
    elsewhere = {"beyond_radius", "beyond_personal_limit"}

    of_needs = {rule.name for rule in RULES if rule.how_far in OF_NEEDS}

    assert len(OF_NEEDS) == len(of_needs)
    assert of_needs | elsewhere == {rule.name for rule in RULES}
    assert not of_needs & elsewhere


def test_every_rule_says_where_it_comes_from() -> None:
    sources: list[Callable[..., object] | str] = [rule.source for rule in RULES]

    assert all(sources)
    assert len({rule.name for rule in RULES}) == len(RULES)
