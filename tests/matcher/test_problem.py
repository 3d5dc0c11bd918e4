from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import matcher
from matcher.problem import Refusals
from tests.matcher import worlds
from tests.matcher.worlds import a_doctor, a_patient


def a_problem() -> matcher.Problem:
    patients = [a_patient("A"), a_patient("B", household="h"), a_patient("C", household="h")]
    return worlds.asked(patients, [a_doctor("D"), a_doctor("E")])


def with_people(**columns: Any) -> matcher.Problem:
    problem = a_problem()
    changed = {name: np.array(column) for name, column in columns.items()}
    return replace(problem, people=replace(problem.people, **changed))


def with_doctors(**columns: Any) -> matcher.Problem:
    problem = a_problem()
    changed = {name: np.array(column) for name, column in columns.items()}
    return replace(problem, doctors=replace(problem.doctors, **changed))


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"id": ["A", "A", "C"]}, "ids must be unique and in ascending order"),
        ({"age": [1, 2]}, "column age has 2 rows, ids have 3"),
        ({"priority_class": [0, 1, 1]}, "priority classes go from 1 to 6"),
        ({"priority_class": [1, 1, 7]}, "priority classes go from 1 to 6"),
        ({"home": [0, 0, 1]}, "home names a row that does not exist"),
        ({"home": [0, 0, -1]}, "home names a row that does not exist"),
        ({"usual_doctor": [-1, 0, 2]}, "usual_doctor names a row that does not exist"),
        ({"pinned": [-1, 0, 2]}, "pinned names a row that does not exist"),
        ({"language_set": [0, 0, 1]}, "language_set names a row that does not exist"),
        ({"pinned": [-1, 0, 1]}, "household 0 is promised to two doctors"),
    ],
)
def test_people_who_contradict_themselves_are_refused(columns: dict[str, Any], why: str) -> None:
    with pytest.raises(matcher.Refused, match=why):
        with_people(**columns)


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"id": ["E", "D"]}, "ids must be unique and in ascending order"),
        ({"latitude": [48.69, 90.1]}, "a coordinate is outside ±90 degrees"),
        ({"longitude": [6.18, np.nan]}, "a coordinate is outside ±180 degrees"),
        ({"places": [1, -1]}, "places cannot be negative"),
        ({"language_set": [0, -1]}, "language_set names a row that does not exist"),
    ],
)
def test_doctors_who_contradict_themselves_are_refused(columns: dict[str, Any], why: str) -> None:
    with pytest.raises(matcher.Refused, match=why):
        with_doctors(**columns)


@pytest.mark.parametrize(
    ("person", "doctor", "why"),
    [
        ([1, 0], [0, 0], "refused pairs must be unique and in ascending order"),
        ([0, 0], [1, 0], "refused pairs must be unique and in ascending order"),
        ([0, 0], [1, 1], "refused pairs must be unique and in ascending order"),
        ([0, 3], [0, 0], "refused person names a row that does not exist"),
        ([0, 1], [0, 2], "refused doctor names a row that does not exist"),
        ([0, 1], [0], "column doctor has 1 rows, persons have 2"),
    ],
)
def test_refusals_out_of_order_or_of_nobody_are_refused(
    person: list[int], doctor: list[int], why: str
) -> None:
    with pytest.raises(matcher.Refused, match=why):
        replace(a_problem(), refused=Refusals(np.array(person), np.array(doctor)))


def test_one_promise_for_a_household_or_the_same_twice_is_accepted() -> None:
    assert with_people(pinned=[0, -1, 1]).people.pinned[2] == 1
    assert with_people(pinned=[0, 1, 1]).people.pinned[1] == 1


def test_columns_may_be_narrow_and_repeat_one_value() -> None:
    problem = with_people(priority_class=np.array([1, 2, 6], np.int8), id=[3, 5, 8])
    people = replace(problem.people, age=np.broadcast_to(np.int8(-1), 3))

    assert replace(problem, people=people).people.age.tolist() == [-1, -1, -1]


def test_arrays_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        a_problem().people.home[0] = 1


@pytest.mark.parametrize("name", ["radius_km", "speed_kmh", "detour"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_terms_are_positive_numbers(name: str, value: float) -> None:
    with pytest.raises(matcher.Refused, match=name):
        matcher.Terms(**{name: value})


def test_a_round_in_which_journeys_last_for_months_is_refused() -> None:
    with pytest.raises(matcher.Refused, match="10000000 seconds"):
        matcher.Terms(radius_km=100.0, speed_kmh=0.01)
