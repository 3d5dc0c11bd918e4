from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings

import matcher
from matcher import changes
from matcher.explanation import difference, worth
from matcher.explanation.chains import chains
from tests.matcher import cramped, worlds
from tests.matcher.worlds import a_doctor, a_patient, north_by_km

Records = list[dict[str, Any]]
CRAMPED = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


def test_one_more_place_says_whom_it_would_serve() -> None:
    patients = [a_patient("P", priority_class=2), a_patient("Q", priority_class=3)]
    problem = worlds.asked(patients, [a_doctor("D"), a_doctor("E", places=5, **north_by_km(100))])

    answer = matcher.solve(problem)

    assert worth.of_doctors(chains(answer.proof)) == ({"matched_3": 1.0}, {})


@CRAMPED
@given(patients=cramped.patients(8), doctors=cramped.doctors(4))
def test_one_more_place_changes_the_upper_levels_as_a_new_solve_does(
    patients: Records, doctors: Records
) -> None:
    problem = _persons_alone(patients, doctors)
    answer = matcher.solve(problem)

    told = worth.of_doctors(chains(answer.proof))

    for row, name in enumerate(problem.doctors.id.tolist()):
        if problem.doctors.builds_panel[row]:
            again = matcher.solve(changes.PlacesOpen(name, 1).apply(problem))
            assert _upper(told[row]) == _difference(answer.values, again.values), name


@CRAMPED
@given(patients=cramped.patients(8), doctors=cramped.doctors(4))
def test_the_first_place_of_a_doctor_without_any_changes_every_level_as_a_new_solve_does(
    patients: Records, doctors: Records
) -> None:
    offered = [{**doctor, "places": doctor["places"] % 2} for doctor in doctors]
    problem = _persons_alone(patients, offered)
    answer = matcher.solve(problem)

    told = worth.of_doctors(chains(answer.proof))

    # A first place redraws no tenths.
    for row in np.flatnonzero((problem.doctors.places == 0) & problem.doctors.builds_panel):
        opened = changes.PlacesOpen(problem.doctors.id[row], 1).apply(problem)
        change = difference.change(answer.values, matcher.solve(opened).values)
        assert told[row] == {name: it for name, it in change.items() if name != "imbalance"}


def _persons_alone(patients: Records, doctors: Records) -> matcher.Problem:
    alone = [{**patient, "household": None} for patient in patients]
    return matcher.from_records(alone, doctors, terms=cramped.TERMS, classes=3)


def _upper(change: dict[str, float]) -> dict[str, float]:
    """The levels above balance, which a place more redraws."""
    return {
        name: amount
        for name, amount in change.items()
        if name not in ("imbalance", "travel_seconds") and amount
    }


def _difference(before: matcher.Values, after: matcher.Values) -> dict[str, float]:
    changed = {
        f"matched_{rank}": float(new - old)
        for rank, (old, new) in enumerate(zip(before.matched, after.matched, strict=True), 1)
    }
    changed["usual_doctor"] = float(after.usual_doctor - before.usual_doctor)
    changed["travel_bands"] = float(after.travel_bands - before.travel_bands)
    return {name: amount for name, amount in changed.items() if amount}
