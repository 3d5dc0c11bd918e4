import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import matcher
from matcher import levels
from matcher.engine import simplex, successive
from tests.matcher import cramped, worlds
from tests.matcher.worlds import a_doctor, a_patient, north_by_km

Records = list[dict[str, Any]]


def proof(patients: Records, doctors: Records) -> matcher.Proof:
    return matcher.prove(matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(patients=cramped.patients(10), doctors=cramped.doctors(4))
def test_one_solve_in_two_words_equals_successive_solves_of_each_level(
    patients: Records, doctors: Records
) -> None:
    found = proof(patients, doctors)
    network, goals = found.fold.network, found.goals

    again = successive.solve(network, goals, found.costs)

    ours, theirs = (levels.values(network, goals, flow) for flow in (found.flow, again))
    assert ours == theirs


@pytest.mark.parametrize("largest", [2**40, 2**32, 2**28])
def test_the_order_stays_strict_wherever_the_words_are_parted(
    largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    patients, doctors = cramped.crowd(3, people=40, practices=4)
    found = proof(patients, doctors)
    network, goals = found.fold.network, found.goals
    monkeypatch.setattr(levels, "LARGEST", largest)

    costs = levels.costs(network, goals)
    flow = simplex.solve(network, costs)

    expected = levels.values(network, goals, found.flow)
    assert levels.values(network, goals, flow) == expected


def test_costs_that_do_not_fit_are_refused_with_the_size_of_the_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = proof(*cramped.crowd(3, people=40, practices=4))
    monkeypatch.setattr(levels, "LARGEST", 2**10)

    with pytest.raises(matcher.Overflow, match="4 doctors are linked by common patients"):
        levels.costs(found.fold.network, found.goals)


def test_only_doctors_linked_by_common_patients_count_against_the_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patients = [a_patient(f"P{row}", **north_by_km(50 * row)) for row in range(6)]
    doctors = [a_doctor(f"D{row}", **north_by_km(50 * row)) for row in range(6)]
    found = matcher.prove(worlds.asked(patients, doctors))
    network, goals = found.fold.network, found.goals
    fits_one, fits_all = (
        levels.weights(network, list(goals[7:]), count, 2**62)[0]
        * (goals[7].swing(network, count) + 1)
        for count in (1, 6)
    )
    assert 4 * fits_one < fits_all
    monkeypatch.setattr(levels, "LARGEST", 4 * fits_one)

    levels.costs(network, goals)


def test_leaving_out_a_class_counts_before_anything_the_classes_below_could_gain() -> None:
    mixed = [
        a_patient("A", household="h", priority_class=1),
        *(a_patient(f"B{row}", household="h", priority_class=6) for row in range(6)),
    ]
    alone = [a_patient(f"C{row}", priority_class=2) for row in range(7)]

    answer = matcher.solve(worlds.asked([*mixed, *alone], [a_doctor("D", places=7)]))

    assert answer.values.matched == (1, 0, 0, 0, 0, 6)
    assert answer.bound.matched[0] == 1


def test_the_value_of_a_flow_counts_usual_doctors_and_tenths_exactly() -> None:
    patients = [a_patient("P", usual_doctor="D"), a_patient("Q", **north_by_km(1))]
    found = matcher.prove(worlds.asked(patients, [a_doctor("D", places=2)]))

    values = levels.values(found.fold.network, found.goals, found.flow)

    assert values["usual_doctor"] == -1
    assert values["imbalance"] == 9 + 19
    assert values["travel_seconds"] == round(1.3 / 40 * 3600)
    none = dataclasses.replace(found.flow, amount=np.zeros_like(found.flow.amount))
    assert levels.values(found.fold.network, found.goals, none)["usual_doctor"] == 0
