"""What would change if, and where a practice would help most."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from api.services import matching, what_if
from tests.api.services.test_matching import DAY, A, B, doctors, patients

HERE = what_if.Commune("54395", "Nancy", 48.69, 6.18)
FAR = what_if.Commune("54528", "Toul", 48.68, 5.89)
THREE = patients(*({"patient_id": name} for name in "PQR"))


def supposed(people: pl.DataFrame, offered: pl.DataFrame, *events: what_if.Event) -> what_if.WhatIf:
    options = matching.MatchOptions(day=DAY)
    return what_if.what_if(people, offered, options, events, progress=lambda *_: None)


def ranked(communes: Sequence[what_if.Commune], **said: Any) -> tuple[what_if.CommuneWorth, ...]:
    options = matching.MatchOptions(day=DAY)
    practices = what_if.Practices(communes, said.pop("places_each", 2))
    offered = doctors({"rpps": A, "places": 0})
    return what_if.rank(THREE, offered, options, practices, progress=lambda *_: None)


@pytest.mark.parametrize(
    ("event", "places", "proposed"),
    [
        (what_if.Leaves(A), 1, 1),
        (what_if.Places(A, 1), 3, 3),
        (what_if.Places(A, -1), 1, 1),
        (what_if.Places(A, -30), 1, 1),
        (what_if.Practice(48.69, 6.18, 5), 7, 3),
        (what_if.Multiplied("54395", 3), 4, 3),
        (what_if.Multiplied("54395", 0.5), 1, 1),
    ],
)
def test_every_event_changes_the_places_and_the_round_follows(
    event: what_if.Event, places: int, proposed: int
) -> None:
    offered = doctors({"rpps": A, "code_insee": "54395"}, {"rpps": B, "code_insee": "54528"})

    told = supposed(THREE, offered, event)

    assert (told.before.places, told.before.waiting) == (2, 1)
    assert (told.after.places, told.after.waiting) == (places, 3 - proposed)
    assert told.after.levels["matched"]["6"] == proposed
    assert told.difference.change.get("matched_6", 0) == proposed - 2
    assert sum(told.difference.newly) - sum(told.difference.no_longer) == proposed - 2


def test_mat_08_a_doctor_who_leaves_while_another_opens_places_costs_nothing() -> None:
    offered = doctors({"rpps": A, "places": 3}, {"rpps": B, "places": 0})

    told = supposed(THREE, offered, what_if.Leaves(A), what_if.Places(B, 3))

    assert told.difference.change == {}
    assert told.difference.elsewhere[5] == 3
    assert told.difference.proven


@pytest.mark.parametrize(
    "event", [what_if.Leaves(B), what_if.Places(B, 1), what_if.Multiplied("54528", 2)]
)
def test_a_doctor_whom_nobody_knows_is_refused(event: what_if.Event) -> None:
    with pytest.raises(what_if.NoSuchDoctor):
        supposed(THREE, doctors({"rpps": A, "code_insee": "54395"}), event)


def test_the_commune_where_people_wait_comes_first_with_what_a_practice_would_do() -> None:
    first, last = ranked([FAR, HERE])

    assert (first.commune, last.commune) == (HERE, FAR)
    assert first.first_place["matched_6"] == 1
    assert first.waiting == (0, 0, 0, 0, 0, 3)
    assert first.practice is not None
    assert first.practice["matched_6"] == 2
    assert (last.first_place, last.waiting, last.practice) == ({}, (0,) * 6, {})


def test_a_whole_practice_is_tried_for_the_first_communes_only() -> None:
    found = ranked([HERE] * (what_if.FIRST + 2))

    assert [it.practice is None for it in found] == [False] * what_if.FIRST + [True] * 2


def test_the_ranking_is_a_table_like_the_other_files() -> None:
    table = what_if.table(ranked([FAR, HERE]))

    assert table.columns == [
        "rank", "code_insee", "name", "first_place",
        *(f"waiting_{rank}" for rank in range(1, 7)), "practice",
    ]  # fmt: skip
    assert table["code_insee"].to_list() == ["54395", "54528"]
    assert table["first_place"].to_list() == ["matched_6+1", "0"]
