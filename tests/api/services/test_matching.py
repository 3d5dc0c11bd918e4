"""The round in tables: scores, reasons, prices, summary."""

import json
from datetime import date
from typing import Any

import polars as pl
import pytest

import matcher
from api.files import formats
from api.services import matching
from store import parameters

DAY = date(2026, 11, 21)
OPTIONS = matching.MatchOptions(day=DAY)
NO = dict.fromkeys(("ald", "pregnant", "handicap", "ehpad", "precarious"), False)
NO |= {"needs_wheelchair": False, "needs_home_visit": False}
A, B = "10001234565", "10001234573"


def _frame(form: formats.Format, *rows: dict[str, Any]) -> pl.DataFrame:
    schema = {column.name: column.dtype for column in form.columns}
    said = {"latitude": 48.69, "longitude": 6.18, "languages": []}
    return pl.DataFrame([said | row for row in rows], schema=schema)


def patients(*rows: dict[str, Any]) -> pl.DataFrame:
    known = NO | {"birth_year": 1980, "unattached_since": DAY}
    return _frame(formats.PATIENTS, *(known | row for row in rows))


def doctors(*rows: dict[str, Any]) -> pl.DataFrame:
    return _frame(formats.DOCTORS, *({"places": 1, "status": "installed"} | row for row in rows))


def _run(people: pl.DataFrame, offered: pl.DataFrame, **said: Any) -> matching.MatchRun:
    return matching.run(people, offered, matching.MatchOptions(day=DAY, **said))


def _proposal(**said: Any) -> dict[str, Any]:
    """The only proposal of a patient alone with one doctor."""
    done = _run(patients({"patient_id": "P"} | said), doctors({"rpps": A}))
    return done.proposals.row(0, named=True)


@pytest.mark.parametrize(
    ("said", "reasons"),
    [
        ({}, "nearest"),
        ({"ald": True, "precarious": True}, "ald+40 precarious+15 nearest"),
        ({"birth_year": 1946}, "age+20 nearest"),
        ({"unattached_since": date(2024, 11, 21)}, "waiting+48 nearest"),
        ({"usual_doctor_rpps": A}, "usual_doctor nearest"),
        ({"usual_doctor_rpps": B}, "nearest"),
        ({"household_id": "H"}, "nearest household"),
        ({"ald": None}, "nearest call_back:ald"),
        ({"unattached_since": None}, "nearest call_back:unattached_since"),
        (
            {"needs_home_visit": None, "birth_year": None},
            "nearest call_back:needs_home_visit,birth_year",
        ),
    ],
)
def test_the_reasons_name_the_points_the_doctor_and_what_to_ask(
    said: dict[str, Any], reasons: str
) -> None:
    assert _proposal(**said)["reasons"] == reasons


@pytest.mark.parametrize(
    ("since", "points"),
    [
        (None, 0),
        (date(2026, 11, 21), 0),
        (date(2026, 10, 22), 0),
        (date(2026, 10, 21), 1),
        (date(2025, 11, 21), 12),
        (date(2025, 10, 21), 15),
        (date(2024, 11, 21), 48),
        (date(2024, 10, 21), 58),
        (date(2027, 1, 1), 0),
    ],
)
def test_waiting_counts_full_months_to_the_day_of_the_round(
    since: date | None, points: int
) -> None:
    assert _proposal(unattached_since=since)["score"] == points


@pytest.mark.parametrize(
    ("birth_year", "points"), [(2026, 20), (2024, 20), (2023, 0), (1957, 0), (1956, 10), (1946, 20)]
)
def test_an_age_is_the_year_of_the_round_less_the_year_of_birth(
    birth_year: int, points: int
) -> None:
    assert _proposal(birth_year=birth_year)["score"] == points


def test_mat_03_waiting_alone_leads_to_the_first_classes_and_need_alone_does_not() -> None:
    needy = _proposal(**dict.fromkeys(matching.FACTORS, True), birth_year=1946)
    waited = _proposal(unattached_since=date(2023, 11, 21))
    longer = _proposal(unattached_since=date(2021, 11, 21))

    assert (needy["score"], needy["priority_class"]) == (150, 3)
    assert (waited["score"], waited["priority_class"]) == (168, 2)
    assert (longer["score"], longer["priority_class"]) == (408, 1)


def test_mat_04_the_usual_doctor_is_asked_first_even_if_farther() -> None:
    offered = doctors({"rpps": A, "latitude": 48.75}, {"rpps": B})

    done = _run(patients({"patient_id": "P", "usual_doctor_rpps": A}), offered)

    assert done.proposals["rpps"].to_list() == [A]
    assert done.proposals["reasons"].to_list() == ["usual_doctor"]


def test_mat_04_beyond_the_travel_limit_the_usual_doctor_is_not_asked() -> None:
    offered = doctors({"rpps": A, "latitude": 48.75}, {"rpps": B})
    patient = {"patient_id": "P", "usual_doctor_rpps": A, "max_minutes": 5.0}

    assert _run(patients(patient), offered).proposals["rpps"].to_list() == [B]


@pytest.mark.parametrize(
    ("status", "proposed"), [("installed", 1), (None, 1), ("locum", 0), ("assistant", 0)]
)
def test_only_who_may_build_a_panel_gets_patients_and_an_unknown_status_passes(
    status: str | None, proposed: int
) -> None:
    done = _run(patients({"patient_id": "P"}), doctors({"rpps": A, "status": status}))

    assert done.doctors["proposed"].to_list() == [proposed]


def test_the_draw_between_equals_is_said_on_both_sides() -> None:
    done = _run(patients({"patient_id": "P"}, {"patient_id": "Q"}), doctors({"rpps": A}))

    assert done.proposals["reasons"].to_list() == ["nearest drawn"]
    assert done.waiting["reason"].to_list() == ["places_taken_by_draw"]
    assert done.waiting["detail"].to_list() == ["doctors=1 places=1 free=0"]


def test_a_place_that_somebody_waits_for_has_its_price_and_an_idle_one_has_none() -> None:
    far = {"rpps": B, "latitude": 45.0}

    done = _run(patients({"patient_id": "P"}, {"patient_id": "Q"}), doctors({"rpps": A}, far))

    assert dict(done.doctors.select("rpps", "shadow_price").rows()) == {A: "matched_6+1", B: "0"}


def test_tables_are_sorted_whatever_the_order_of_the_input() -> None:
    people = patients(*({"patient_id": name} for name in "CAB"))

    done = _run(people, doctors({"rpps": B, "places": 2}, {"rpps": A}))

    assert done.proposals["patient_id"].to_list() == ["A", "B", "C"]
    assert done.doctors["rpps"].to_list() == [A, B]


def test_the_summary_is_json_and_measures_each_phase_by_the_clock_it_is_given() -> None:
    ticks = iter(range(100))
    told: list[str] = []

    done = matching.run(
        patients({"patient_id": "P"}),
        doctors({"rpps": A}),
        OPTIONS,
        progress=lambda phase, _share: told.append(phase),
        clock=lambda: float(next(ticks)),
    )

    summary = json.loads(json.dumps(done.summary))
    phases = ["prepare", *(phase for phase in told if phase != "done")]
    assert summary["seconds"] == dict.fromkeys(phases, 1.0)
    assert (summary["status"], summary["score"]) == ("optimal", "2026-2")
    assert summary["matched"] == summary["eligible"] == {**dict.fromkeys("12345", 0), "6": 1}
    assert summary["terms"] == {"radius_km": 15.0, "speed_kmh": 40.0, "detour": 1.3}
    assert told[0] == "pairs"


def test_eligible_counts_doctors_without_places_and_only_whole_households() -> None:
    people = patients(
        {"patient_id": "P"},
        {"patient_id": "Q", "household_id": "H"},
        {"patient_id": "R", "household_id": "H", "languages": ["ar"]},
    )

    summary = _run(people, doctors({"rpps": A, "places": 0})).summary

    assert summary["eligible"]["6"] == 1
    assert summary["matched"]["6"] == 0


def test_the_longest_wait_of_each_class_is_that_of_whoever_is_left_waiting() -> None:
    since = {"P": date(2026, 11, 1), "Q": date(2026, 10, 22), "R": None, "S": date(2023, 11, 21)}
    people = patients(*({"patient_id": it, "unattached_since": day} for it, day in since.items()))

    longest = _run(people, doctors({"rpps": A})).summary["longest_wait_days"]

    assert longest == {**dict.fromkeys("12345"), "6": 30}


def test_the_digest_names_the_problem_and_not_the_draw() -> None:
    people, offered = patients({"patient_id": "P"}), doctors({"rpps": A})

    digests = [
        _run(people, offered).digest,
        _run(people, offered, seed=2).digest,
        _run(people, offered, terms=matcher.Terms(radius_km=14)).digest,
        _run(people, doctors({"rpps": A, "places": 2})).digest,
    ]

    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_a_day_without_published_score_is_refused() -> None:
    with pytest.raises(parameters.UnknownParameter):
        matching.score_rule(date(1999, 12, 31), "54")
    assert matching.score_rule(date(2026, 1, 1), "54").version == "2026-2"
