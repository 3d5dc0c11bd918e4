"""How a matching is said in French."""

import pytest

from api.pages import sentences
from api.services import matching
from matcher.explanation import story
from matcher.explanation.difference import Difference
from matcher.explanation.explain import Reason
from matcher.rules import RULES


def test_every_reason_rule_and_answer_has_its_words() -> None:
    asked = {*matching.WORTH_A_CALL, "age", "waiting"}

    assert set(sentences.WHY_NOBODY) == set(Reason)
    assert set(sentences.WITHOUT) == {rule.name for rule in RULES[1:]} | {story.REFUSED}
    assert set(sentences.ANSWERS) == asked


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"matched_2": -1}, ["1 patient de moins en priorité 2"]),
        ({"matched_6": 2}, ["2 patients de plus en priorité 6"]),
        ({"matched_6": 0.5}, ["0,5 patient de plus en priorité 6"]),
        ({"usual_doctor": -1}, ["1 patient de moins chez son médecin habituel"]),
        ({"travel_seconds": 540}, ["9 min de trajet en plus au total"]),
        ({"travel_bands": 2, "travel_seconds": -40}, ["40 s de trajet en moins au total"]),
        ({"travel_bands": 2}, ["trajets par tranches de 5 min : +2"]),
        ({"imbalance": -8}, ["remplissage plus égal entre médecins"]),
    ],
)
def test_every_level_is_said_with_its_direction(change: dict[str, float], told: list[str]) -> None:
    assert list(sentences.gains(change)) == told


@pytest.mark.parametrize(
    ("total", "others", "told"),
    [
        ({}, {}, "aussi bien, à égalité sur tous les buts"),
        ({"travel_seconds": 30}, {}, "rien ne change pour les autres"),
        (
            {"matched_3": -1},
            {"matched_3": -2, "travel_seconds": 60},
            "2 patients de moins en priorité 3 ; 1 min de trajet en plus au total",
        ),
    ],
)
def test_a_price_is_what_the_others_lose(
    total: dict[str, float], others: dict[str, float], told: str
) -> None:
    assert sentences.price(total, others) == told


@pytest.mark.parametrize(
    ("newly", "no_longer", "elsewhere", "told"),
    [
        ((0, 0), (0, 0), (0, 0), ()),
        ((0, 800), (0, 0), (0, 0), ("800 patients auraient une proposition",)),
        ((0, 0), (1, 0), (0, 1), (
            "1 patient n'en aurait plus", "1 patient au plus changerait de médecin",
        )),
        ((2, 1), (0, 2), (0, 0), (
            "3 patients au plus auraient une proposition", "2 patients au plus n'en auraient plus",
        )),
    ],
)  # fmt: skip
def test_who_moves_is_said_with_the_most_it_can_be_unless_it_is_certain(
    newly: tuple[int, ...],
    no_longer: tuple[int, ...],
    elsewhere: tuple[int, ...],
    told: tuple[str, ...],
) -> None:
    assert sentences.moves(Difference({}, True, newly, no_longer, elsewhere)) == told


def test_counts_by_class_leave_out_the_empty_ones() -> None:
    assert sentences.by_class((0, 3, 0, 1200)) == "priorité 2 : 3, priorité 4 : 1\u202f200"
    assert sentences.by_class((0, 0)) == "personne"
