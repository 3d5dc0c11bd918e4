from typing import Any

from hypothesis import HealthCheck, given, settings

import matcher
from tests.matcher import cramped

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
