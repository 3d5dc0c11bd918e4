"""The story of one patient, in the words of the files."""

import json
from dataclasses import asdict
from datetime import date
from typing import Any

import polars as pl
import pytest

from api.services import explanation, matching
from tests.api.services.test_matching import DAY, A, B, doctors, patients


def explained(people: pl.DataFrame, offered: pl.DataFrame, who: str) -> explanation.Explanation:
    options = matching.MatchOptions(day=DAY)
    return explanation.explain(people, offered, options, who, progress=lambda _phase, _share: None)


def alone(**said: Any) -> explanation.Explanation:
    return explained(patients({"patient_id": "P"} | said), doctors({"rpps": A}), "P")


def test_mat_07_the_score_is_told_with_every_component_and_the_version_of_the_rule() -> None:
    told = alone(ald=True, birth_year=1946, unattached_since=date(2026, 10, 21)).standing

    assert (told.priority_class, told.score, told.version) == (3, 61, "2026-2")
    assert told.components == {"ald": 40, "age": 20, "waiting": 1}
    assert told.waiting_days == 31


def test_mat_06_what_is_unknown_is_told_as_worth_a_call() -> None:
    told = alone(ald=None, birth_year=None, unattached_since=None).standing

    assert told.unknown == ("ald", "birth_year", "unattached_since")
    assert told.waiting_days is None


@pytest.mark.parametrize(
    ("said", "offered", "because"),
    [
        ({}, [{"rpps": A}], ("only_doctor", "nearest")),
        ({"usual_doctor_rpps": A}, [{"rpps": A}, {"rpps": B, "latitude": 48.7}],
         ("usual_doctor", "nearest")),
        ({}, [{"rpps": A, "places": 0}, {"rpps": B, "latitude": 48.75}], ()),
    ],
)  # fmt: skip
def test_the_reasons_for_the_doctor_proposed(
    said: dict[str, Any], offered: list[dict[str, Any]], because: tuple[str, ...]
) -> None:
    told = explained(patients({"patient_id": "P"} | said), doctors(*offered), "P")

    assert told.proposed is not None
    assert (told.because, told.reason) == (because, None)


def test_mat_04_the_usual_doctor_is_proposed_though_a_nearer_one_would_cost_nobody_anything() -> (
    None
):
    offered = doctors({"rpps": A, "latitude": 48.75}, {"rpps": B})
    people = patients({"patient_id": "P", "usual_doctor_rpps": A})

    told = explained(people, offered, "P")

    assert [(it.doctor.rpps, it.usual, it.proposed) for it in told.possible] == [
        (B, False, False),
        (A, True, True),
    ]
    (nearer,) = told.insisted
    assert nearer.price is not None
    assert nearer.price["usual_doctor"] == -1
    assert nearer.others == {}


def test_mat_05_a_household_is_told_who_goes_along() -> None:
    people = patients(*({"patient_id": it, "household_id": "H"} for it in "PQR"))

    told = explained(people, doctors({"rpps": A, "places": 2}), "Q")

    assert told.household == ("P", "R")
    assert told.reason == "household_larger_than_places"
    assert [(it.places, it.serves) for it in told.opened] == [(3, True)]


def test_who_waits_is_told_what_would_change_it() -> None:
    people = patients({"patient_id": "P", "needs_wheelchair": True})

    told = explained(people, doctors({"rpps": A, "given_name": "Anne", "family_name": "E"}), "P")

    assert (told.proposed, told.reason, told.possible) == (None, "no_accessible_practice", ())
    (barrier,) = told.barriers
    nearest = explanation.Doctor(A, "Anne", "E")
    assert barrier == explanation.Barrier("wheelchair", 1, 1, nearest, 0, 0.0)


def test_a_round_that_is_matched_already_tells_the_same_story() -> None:
    people, offered = patients({"patient_id": "P"}, {"patient_id": "Q"}), doctors({"rpps": A})
    asked = matching.ask(people, offered, matching.MatchOptions(day=DAY))
    answer = matching.solve(asked, lambda _phase, _share: None)

    told = [
        explanation.of_answer(asked, answer, who, progress=lambda _phase, _share: None)
        for who in "PQ"
    ]

    assert told == [explained(people, offered, who) for who in "PQ"]


def test_the_whole_story_is_ready_for_json() -> None:
    people = patients({"patient_id": "P"}, {"patient_id": "Q"})
    told = explained(people, doctors({"rpps": A}), "P")

    assert json.loads(json.dumps(asdict(told)))["patient_id"] == "P"


def test_a_patient_whom_nobody_knows_is_refused_before_anything_is_solved() -> None:
    with pytest.raises(explanation.UnknownPatient) as refused:
        explained(patients({"patient_id": "P"}), doctors({"rpps": A}), "Q")

    assert refused.value.patient_id == "Q"
