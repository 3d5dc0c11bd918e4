from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from api.pages import words


@dataclass(frozen=True)
class ARun:
    status: str = "optimal"
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ADoctor:
    rpps: str = "10990000001"
    family_name: str | None = None
    given_name: str | None = None
    min_age: int | None = None
    max_age: int | None = None
    wheelchair: bool | None = None
    languages: tuple[str, ...] = ()
    home_visit_minutes: float | None = None


def test_numbers_are_written_the_french_way():
    assert words.number(13000) == "13\u202f000"
    assert words.decimal(1234.56) == "1\u202f234,6"
    assert words.plain_number(10.0) == "10"
    assert words.plain_number(7.5) == "7,5"


def test_a_distance_under_a_kilometre_is_in_metres():
    assert words.kilometres(0.449) == "450\u00a0m"
    assert words.kilometres(0.996) == "1,0\u00a0km"


def test_the_first_of_a_month_is_an_ordinal():
    assert words.day_long(date(2027, 1, 1)) == "vendredi 1er\u00a0janvier 2027"
    assert words.day_short(date(2026, 8, 2)) == "dim. 2\u00a0août"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 11, 22), "date à venir"),
        (date(2026, 11, 21), "aujourd’hui"),
        (date(2026, 11, 20), "hier"),
        (date(2026, 11, 8), "il y a 13 jours"),
        (date(2026, 11, 7), "il y a 2 semaines"),
        (date(2026, 9, 21), "il y a 2 mois"),
        (date(2024, 11, 22), "il y a 23 mois"),
        (date(2024, 11, 21), "il y a 2 ans"),
    ],
)
def test_an_age_is_said_in_the_unit_a_person_would_use(day, said):
    assert words.ago(day, date(2026, 11, 21)) == said


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (ARun(), "optimal, prouvé"),
        (ARun("feasible"), "bon, sans preuve qu’il soit le meilleur"),
        (ARun("feasible", {"gap": 3}), "(écart au plus 3)"),
        (ARun("feasible", {"gap": {"matched": 0, "travel": 12}}), "(écart au plus 12)"),
        (ARun("feasible", {"gap": [0, 2]}), "(écart au plus 2)"),
        (ARun("none", {"gap": None}), "aucun résultat"),
    ],
)
def test_the_end_of_a_computation_is_said_with_its_proof_or_its_gap(run, said):
    assert said in words.status_words(run)


def test_an_unknown_condition_is_left_out_and_a_known_no_is_said():
    assert words.conditions(ADoctor()) == ()
    assert words.conditions(ADoctor(wheelchair=False)) == ("pas d’accès en fauteuil roulant",)


def test_conditions_are_said_in_words():
    doctor = ADoctor(min_age=16, max_age=80, languages=("fr", "uk"), home_visit_minutes=10.0)

    assert words.conditions(doctor) == (
        "de 16 à 80 ans",
        "parle aussi ukrainien",
        "visites à domicile",
    )


def test_a_practice_that_does_not_speak_french_is_not_said_to_speak_it_too():
    assert words.conditions(ADoctor(languages=("uk",))) == ("parle ukrainien",)


def test_a_doctor_without_a_name_is_called_by_number():
    assert words.doctor_name(ADoctor()) == "Médecin 10990000001"
    assert words.doctor_name(ADoctor(family_name="Éloi")) == "Dr Éloi"


def test_an_hour_is_that_of_the_zone_it_carries():
    assert words.hour(datetime(2026, 11, 28, 8, 5, tzinfo=UTC)) == "08:05"


def test_a_telephone_link_has_digits_only():
    assert words.tel("+33 3 53.01.00-01") == "+33353010001"


def test_accents_do_not_send_a_name_to_the_end():
    assert sorted(["Velaine", "Écrouves", "Custines"], key=words.sortable)[1] == "Écrouves"
