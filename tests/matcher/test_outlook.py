from typing import Any

import numpy as np
from hypothesis import HealthCheck, assume, given, settings

import matcher
from matcher import changes
from matcher.explanation import outlook
from matcher.explanation.outlook import Site
from tests.matcher import cramped, worlds
from tests.matcher.worlds import HERE, a_doctor, a_patient, north_by_km

Records = list[dict[str, Any]]
CRAMPED = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def test_a_practice_helps_where_people_wait_and_nowhere_else() -> None:
    waiting = [a_patient("P", priority_class=2), a_patient("Q", max_minutes=2, **north_by_km(10))]
    sites = [Site(**HERE), Site(**north_by_km(40)), Site(**north_by_km(10))]

    found = outlook.outlook(matcher.solve(worlds.asked(waiting, [])), sites)

    # From the third site, the first place serves Q, who is of the first class.
    assert [set(change) for change in found.first_place] == [{"matched_2"}, set(), {"matched_1"}]
    assert found.waiting[:, :2].tolist() == [[0, 1], [0, 0], [1, 1]]


def test_the_chain_behind_a_first_place_may_reach_somebody_elsewhere() -> None:
    # Whoever holds the place of D moves to the new practice, and the far one follows.
    near, far = a_patient("A", max_minutes=20), a_patient("B", **north_by_km(14))
    doctor = a_doctor("D", **north_by_km(5))

    found = outlook.outlook(
        matcher.solve(worlds.asked([near, far], [doctor])), [Site(48.69 - 0.05, 6.18)]
    )

    assert found.first_place[0]["matched_1"] == 1
    assert found.waiting.tolist()[0][0] == 0


def test_a_refusal_does_not_reach_a_practice_that_is_new() -> None:
    problem = worlds.asked([a_patient("P")], [a_doctor("D")], refused=[("P", "D")])

    found = outlook.outlook(matcher.solve(problem), [Site(**HERE)])

    assert found.waiting[0].tolist() == [1, 0, 0, 0, 0, 0]


@CRAMPED
@given(patients=cramped.patients(7), doctors=cramped.doctors(3))
def test_the_first_place_changes_the_upper_levels_as_a_new_solve_does(
    patients: Records, doctors: Records
) -> None:
    assume(patients)
    alone = [{**patient, "household": None} for patient in patients]
    problem = matcher.from_records(alone, doctors, terms=cramped.TERMS, classes=3)
    answer = matcher.solve(problem)
    sites = [Site(*spot) for spot in cramped.SPOTS]

    found = outlook.outlook(answer, sites)

    for row, opening in enumerate(outlook.openings(problem, sites, 1)):
        again = matcher.solve(opening.apply(problem))
        gained = np.subtract(again.values.matched, answer.values.matched).tolist()
        told = found.first_place[row]
        assert [told.get(f"matched_{rank}", 0) for rank in (1, 2, 3)] == gained
        assert told.get("usual_doctor", 0) == again.values.usual_doctor - answer.values.usual_doctor
        assert told.get("travel_bands", 0) == again.values.travel_bands - answer.values.travel_bands


def test_practices_come_last_whatever_the_ids() -> None:
    problem = worlds.asked([a_patient("P")], [a_doctor("D"), a_doctor("Z")])
    sites = [Site(**HERE)] * 12

    opened = changes.after(problem, outlook.openings(problem, sites, 3))

    assert opened.doctors.id[:2].tolist() == ["D", "Z"]
    assert opened.doctors.places.tolist() == [1, 1, *[3] * 12]
