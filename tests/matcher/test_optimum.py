from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import matcher
from tests.matcher import cramped, second_opinion

Records = list[dict[str, Any]]


def solved(patients: Records, doctors: Records, seed: int = 1) -> matcher.Matching:
    problem = matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3)
    return matcher.solve(problem, seed=seed)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(patients=cramped.patients(6), doctors=cramped.doctors(3))
def test_every_level_equals_brute_force_on_cramped_worlds(
    patients: Records, doctors: Records
) -> None:
    matching = solved(patients, doctors)

    assert matching.values.rank() == cramped.best(patients, doctors, classes=3)
    assert matching.status is matcher.Status.OPTIMAL


@pytest.mark.parametrize("seed", range(12))
def test_every_level_equals_a_second_solver_on_larger_worlds(seed: int) -> None:
    patients, doctors = cramped.crowd(seed, people=60, practices=5)

    matching = solved(patients, doctors)

    assert matching.values.rank() == second_opinion.best(patients, doctors, classes=3)
    assert matching.status is matcher.Status.OPTIMAL
