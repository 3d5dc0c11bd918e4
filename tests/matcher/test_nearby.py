import dataclasses
from typing import Any

import numpy as np
from hypothesis import given, settings

import matcher
from matcher import changes
from matcher.nearby import Nearby, nearby
from matcher.network import ANY_WAY, NO_WAY
from tests.matcher import cramped, worlds
from tests.matcher.worlds import a_doctor, a_patient, north_by_km

Record = dict[str, Any]


def searched(problem: matcher.Problem) -> Nearby:
    return nearby(problem, np.ones(problem.doctors.id.size, np.bool_))


@settings(max_examples=200, deadline=None)
@given(patients=cramped.patients(6), doctors=cramped.doctors(4))
def test_everybody_has_the_doctors_found_by_hand_nearest_first(
    patients: list[Record], doctors: list[Record]
) -> None:
    refused = [(patient["id"], "D0") for patient in patients[:2]]
    problem = matcher.from_records(
        patients, doctors, terms=cramped.TERMS, classes=3, refused=refused
    )
    near = searched(problem)

    for person, patient in enumerate(patients):
        doctor, seconds = near.of(person)
        by_hand = sorted(
            (cramped.way(patient, it)[1], row)
            for row, it in enumerate(doctors)
            if cramped.possible(patient, it) and (patient["id"], it["id"]) not in refused
        )
        assert list(zip(seconds.tolist(), doctor.tolist(), strict=True)) == by_hand


@settings(max_examples=100, deadline=None)
@given(patients=cramped.patients(6), doctors=cramped.doctors(4))
def test_no_two_kinds_reach_the_same(patients: list[Record], doctors: list[Record]) -> None:
    problem = matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3)

    near = searched(problem)

    reaches = {tuple(row) for row in near.reach.tolist()}
    assert near.reach.shape == (len(reaches), len(doctors))
    assert set(near.kind.tolist()) == set(range(len(reaches)))


def test_only_doctors_who_are_offered_and_can_serve_somebody_are_in_the_table() -> None:
    doctors = [a_doctor("D"), a_doctor("E", builds_panel=False), a_doctor("F"), a_doctor("G")]
    problem = worlds.asked([a_patient("P")], [*doctors, a_doctor("H", min_age=16)])

    near = nearby(problem, np.array([True, True, False, True, True]))

    assert near.doctor.tolist() == [0, 3, 4]
    assert near.reach.tolist() == [[ANY_WAY, NO_WAY, NO_WAY, ANY_WAY, ANY_WAY]]


def test_people_of_one_home_share_its_row() -> None:
    patients = [a_patient("A"), a_patient("B"), a_patient("C", **north_by_km(1))]

    near = searched(worlds.asked(patients, [a_doctor("D"), a_doctor("E", **north_by_km(2))]))

    assert np.diff(near.start).tolist() == [2, 2]
    assert near.doctor.dtype == near.seconds.dtype == np.int32


def test_a_limit_beyond_the_farthest_doctor_is_no_limit() -> None:
    patients = [a_patient("A", max_minutes=60), a_patient("B", max_minutes=9), a_patient("C")]

    near = searched(worlds.asked(patients, [a_doctor("D", **north_by_km(5))]))

    assert near.limit.tolist() == [ANY_WAY, 540, ANY_WAY]


def test_ages_that_no_doctor_tells_apart_are_of_one_kind() -> None:
    ages = (None, 0, 15, 16, 75, 76)
    patients = [a_patient(f"P{row}", age=age) for row, age in enumerate(ages)]
    doctors = [a_doctor("D", min_age=16), a_doctor("E", max_age=75)]

    kind = searched(worlds.asked(patients, doctors)).kind.tolist()

    assert kind[0] == kind[3] == kind[4]
    assert kind[1] == kind[2]
    assert len({kind[0], kind[1], kind[5]}) == 3


def test_seconds_to_a_doctor_are_those_of_the_table_and_unknown_without_one() -> None:
    patients = [a_patient("A"), a_patient("B")]
    near = searched(worlds.asked(patients, [a_doctor("D", **north_by_km(5))]))

    assert near.seconds_to(np.array([0, -1])).tolist() == [near.seconds[0], -1]


def test_a_former_search_serves_as_long_as_nobody_has_moved() -> None:
    doctors = [a_doctor(f"D{km}", **north_by_km(km)) for km in (1, 2, 3)]
    problem = worlds.asked([a_patient("A")], doctors)
    before = searched(problem)
    left = changes.DoctorLeaves("D2").apply(problem)

    near = nearby(left, left.doctors.builds_panel, before)

    assert near.seconds is before.seconds
    assert near.of(0)[0].tolist() == searched(left).of(0)[0].tolist() == [0, 2]


def test_who_joins_or_moves_is_searched_for() -> None:
    problem = worlds.asked([a_patient("A")], [a_doctor("D"), a_doctor("E", **north_by_km(2))])
    before = nearby(problem, np.array([True, False]))
    moved = dataclasses.replace(problem.doctors, latitude=problem.doctors.latitude[::-1].copy())
    swapped = dataclasses.replace(problem, doctors=moved)

    assert nearby(problem, np.array([True, True]), before).of(0)[0].tolist() == [0, 1]
    assert nearby(swapped, np.array([True, False]), before).of(0)[1].tolist() != before.of(0)[1]
