import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import matcher
from tests.matcher import cramped, worlds
from tests.matcher.worlds import a_doctor, a_patient, matched, north_by_km

Records = list[dict[str, Any]]


def test_mat_02_of_two_alike_the_longer_waiting_is_served() -> None:
    patients = [a_patient("short", waiting_days=30), a_patient("long", waiting_days=425)]

    assert matched(patients, [a_doctor("D")]) == {"long": "D"}


def test_mat_04_the_usual_doctor_comes_before_a_nearer_one() -> None:
    doctors = [a_doctor("far", **north_by_km(10)), a_doctor("near")]

    assert matched([a_patient("P", usual_doctor="far")], doctors) == {"P": "far"}


def test_a_more_urgent_class_is_never_traded_for_numbers() -> None:
    couple = [a_patient(name, household="h", priority_class=2) for name in ("A", "B")]
    urgent = a_patient("C", priority_class=1)

    assert matched([*couple, urgent], [a_doctor("D", places=2)]) == {"C": "D"}


def test_mat_05_a_household_goes_to_one_doctor_or_waits_together() -> None:
    family = [a_patient(name, household="h") for name in ("A", "B", "C")]

    assert matched(family, [a_doctor("D", places=2), a_doctor("E", places=2)]) == {}
    assert matched(family, [a_doctor("D", places=2), a_doctor("E", places=3)]) == dict.fromkeys(
        "ABC", "E"
    )


def test_a_household_needs_a_doctor_for_each_member() -> None:
    family = [
        a_patient("child", household="h", age=4),
        a_patient("mother", household="h", age=35, languages=("uk",)),
    ]
    adults_only = a_doctor("D", places=5, min_age=16, languages=("uk", "fr"))
    french_only = a_doctor("E", places=5)
    both = a_doctor("F", places=5, languages=("uk", "fr"))

    assert matched(family, [adults_only, french_only]) == {}
    assert matched(family, [adults_only, french_only, both]) == {"child": "F", "mother": "F"}


def test_travel_is_compared_in_bands_before_balance_and_in_seconds_after_it() -> None:
    patients = [a_patient(f"P{row}") for row in range(10)]
    doctors = [a_doctor("D", places=10), a_doctor("E", places=10, **north_by_km(2))]

    shared = matched(patients, doctors)

    assert sorted(shared.values()) == ["D"] * 5 + ["E"] * 5


def test_the_draw_between_equals_depends_on_the_seed_and_is_recorded() -> None:
    patients = [a_patient(f"P{row}") for row in range(8)]
    problem = worlds.asked(patients, [a_doctor("D", places=4)])

    answers = [matcher.solve(problem, seed=seed) for seed in range(6)]

    assert len({tuple(answer.doctor.tolist()) for answer in answers}) > 1
    assert all(answer.drawn.all() for answer in answers)
    again = matcher.solve(problem, seed=3)
    assert again.doctor.tolist() == answers[3].doctor.tolist()


def test_nothing_is_recorded_as_drawn_when_waiting_decides() -> None:
    patients = [a_patient(f"P{row}", waiting_days=row) for row in range(4)]

    answer = matcher.solve(worlds.asked(patients, [a_doctor("D", places=2)]))

    assert not answer.drawn.any()


@pytest.mark.parametrize("places", [0, 3])
def test_an_empty_side_is_an_answer_not_an_error(places: int) -> None:
    nobody = matcher.solve(worlds.asked([], [a_doctor("D", places=places)]))
    no_doctor = matcher.solve(worlds.asked([a_patient("P")], []))

    assert nobody.status is matcher.Status.OPTIMAL
    assert no_doctor.doctor.tolist() == [-1]


def test_the_order_of_the_records_does_not_matter() -> None:
    patients = [a_patient(f"P{row}", priority_class=1 + row % 3) for row in range(9)]
    doctors = [a_doctor(f"D{row}", places=2, **north_by_km(row)) for row in range(3)]

    assert matched(patients, doctors) == matched(patients[::-1], doctors[::-1])


def test_progress_is_told_in_order_up_to_the_end() -> None:
    told: list[tuple[str, float, matcher.Values | None]] = []
    problem = worlds.asked([a_patient("P")], [a_doctor("D")])

    answer = matcher.solve(problem, progress=lambda *news: told.append(news))

    assert told[-1] == ("done", 1.0, answer.values)
    assert [share for _, share, _ in told] == sorted(share for _, share, _ in told)


@pytest.mark.parametrize("stop", ["pairs", "flow", "prove", "households", "serve", "check"])
def test_whatever_the_callback_raises_stops_the_computation(stop: str) -> None:
    def impatient(phase: str, _share: float, _bound: matcher.Values | None) -> None:
        if phase == stop:
            raise matcher.Cancelled

    with pytest.raises(matcher.Cancelled):
        matcher.solve(worlds.asked([a_patient("P")], [a_doctor("D")]), progress=impatient)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(patients=cramped.patients(12), doctors=cramped.doctors(4))
def test_a_changed_answer_is_caught_by_the_check_unless_it_is_as_good(
    patients: Records, doctors: Records
) -> None:
    problem = matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3)
    answer = matcher.solve(problem, seed=1)

    for person in range(len(patients)):
        for other in range(-1, len(doctors)):
            if other == answer.doctor[person]:
                continue
            changed = answer.doctor.copy()
            changed[person] = other
            if not list(matcher.broken(problem, dataclasses.replace(answer, doctor=changed))):
                rank = cramped.rank_of(patients, doctors, changed.tolist(), classes=3)
                assert rank == answer.values.rank()


def test_a_false_proof_is_caught_by_the_check() -> None:
    problem = worlds.asked([a_patient("P")], [a_doctor("D")])
    answer = matcher.solve(problem)
    better = dataclasses.replace(answer.values, matched=(2, 0, 0, 0, 0, 0))
    worse = dataclasses.replace(answer.values, matched=(0, 0, 0, 0, 0, 0))

    with pytest.raises(matcher.Disagreement, match="short of the bound"):
        matcher.check(problem, dataclasses.replace(answer, bound=better))
    with pytest.raises(matcher.Disagreement, match="beats its own bound"):
        matcher.check(problem, dataclasses.replace(answer, bound=worse))


def test_input_arrays_are_left_as_they_were_and_cannot_be_written() -> None:
    problem = worlds.asked([a_patient("P")], [a_doctor("D")])

    with pytest.raises(ValueError, match="read-only"):
        problem.homes.latitude[0] = 0.0
    assert np.array_equal(problem.doctors.places, [1])


@pytest.mark.parametrize(
    ("patient", "doctor", "message"),
    [
        ({"latitude": 91.0}, {}, "outside ±90"),
        ({}, {"longitude": -181.0}, "outside ±180"),
        ({"priority_class": 7}, {}, "priority classes"),
        ({"priority_class": 0}, {}, "priority classes"),
        ({}, {"places": -1}, "negative"),
    ],
)
def test_an_absurd_problem_is_refused_with_the_reason(
    patient: dict[str, Any], doctor: dict[str, Any], message: str
) -> None:
    with pytest.raises(matcher.Refused, match=message):
        worlds.asked([{**a_patient("P"), **patient}], [{**a_doctor("D"), **doctor}])


def test_two_people_of_the_same_name_are_refused() -> None:
    with pytest.raises(matcher.Refused, match="unique"):
        worlds.asked([a_patient("P"), a_patient("P")], [])


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_terms_must_be_positive_numbers(value: float) -> None:
    with pytest.raises(matcher.Refused, match="radius_km"):
        matcher.Terms(radius_km=value)
