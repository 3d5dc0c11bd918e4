from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import matcher
from matcher import Reason
from tests.matcher import cramped, worlds
from tests.matcher.worlds import a_doctor, a_patient, north_by_km

Record = dict[str, Any]
FAR = north_by_km(14)


def why(patients: list[Record], doctors: list[Record]) -> dict[str, Reason]:
    problem = worlds.asked(patients, doctors)
    found = matcher.explain(problem, matcher.solve(problem, seed=1))
    return {str(problem.people.id[wait.person]): wait.reason for wait in found.waits}


@pytest.mark.parametrize(
    ("patient", "doctor", "reason"),
    [
        ({}, north_by_km(16), Reason.NO_DOCTOR_WITHIN_REACH),
        ({}, {"builds_panel": False}, Reason.NO_DOCTOR_WITHIN_REACH),
        ({"max_minutes": 5}, FAR, Reason.BEYOND_PERSONAL_LIMIT),
        ({"needs_home_visit": True}, {}, Reason.NO_HOME_VISIT),
        ({"needs_wheelchair": True}, {}, Reason.NO_ACCESSIBLE_PRACTICE),
        ({"languages": ("uk",)}, {}, Reason.NO_COMMON_LANGUAGE),
        ({"age": 4}, {"min_age": 16}, Reason.AGE_NOT_ACCEPTED),
        ({}, {"places": 0}, Reason.NO_PLACES_OFFERED),
    ],
)
def test_the_reason_names_what_is_missing(patient: Record, doctor: Record, reason: Reason) -> None:
    assert why([{**a_patient("P"), **patient}], [{**a_doctor("D"), **doctor}]) == {"P": reason}


def test_a_household_waits_for_a_doctor_of_all_or_for_room_together() -> None:
    pair = [a_patient("A", household="h", age=4), a_patient("B", household="h", languages=("uk",))]
    apart = [a_doctor("D", places=2), a_doctor("E", places=2, min_age=16, languages=("uk",))]
    three = [a_patient(name, household="h") for name in "ABC"]

    assert set(why(pair, apart).values()) == {Reason.NO_DOCTOR_FOR_WHOLE_HOUSEHOLD}
    assert set(why(three, [a_doctor("D", places=2)]).values()) == {
        Reason.HOUSEHOLD_LARGER_THAN_PLACES
    }


def test_a_household_may_miss_the_last_places() -> None:
    three = [a_patient(name, household="h", priority_class=2) for name in "ABC"]
    first = [a_patient(f"P{row}") for row in range(2)]

    reasons = why([*three, *first], [a_doctor("D", places=4)])

    assert set(reasons.values()) == {Reason.NOT_ENOUGH_PLACES_TOGETHER}


def test_who_comes_after_is_told_whether_by_priority_waiting_or_draw() -> None:
    urgent = a_patient("urgent")
    patient = a_patient("patient", priority_class=2, waiting_days=400)
    recent = a_patient("recent", priority_class=2, waiting_days=3)
    twins = [a_patient(f"twin{row}", waiting_days=5) for row in range(2)]

    assert why([urgent, patient], [a_doctor("D")]) == {
        "patient": Reason.PLACES_TAKEN_BY_HIGHER_PRIORITY
    }
    assert why([patient, recent], [a_doctor("D")]) == {
        "recent": Reason.PLACES_TAKEN_BY_LONGER_WAITING
    }
    assert list(why(twins, [a_doctor("D")]).values()) == [Reason.PLACES_TAKEN_BY_DRAW]


def test_a_nearer_patient_of_the_same_class_may_come_first() -> None:
    near, far = a_patient("near"), a_patient("far", **FAR)

    assert why([near, far], [a_doctor("D")]) == {"far": Reason.PLACES_TAKEN_IN_SAME_CLASS}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(patients=cramped.patients(8), doctors=cramped.doctors(3))
def test_everybody_who_waits_has_one_reason_and_the_counts_are_true(
    patients: list[Record], doctors: list[Record]
) -> None:
    problem = matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3)
    answer = matcher.solve(problem, seed=1)
    found = matcher.explain(problem, answer)

    assert [wait.person for wait in found.waits] == [
        person for person, doctor in enumerate(answer.doctor.tolist()) if doctor < 0
    ]
    for wait in found.waits:
        own = patients[wait.person]
        home = own["household"]
        unit = [p for p in patients if home is not None and p["household"] == home] or [own]
        able = [d for d in doctors if all(cramped.possible(member, d) for member in unit)]
        assert wait.doctors == len(able)
        assert wait.places == sum(doctor["places"] for doctor in able)
        assert found.eligible[wait.person] == bool(able)
