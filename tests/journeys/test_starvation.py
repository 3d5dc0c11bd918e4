"""Whoever has a doctor within reach is served in the end: two years of rounds, month by month."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from api.services import matching
from benchmarks import waiting
from benchmarks.waiting import Patient, Practice, Round, Valley
from matcher import scoring

RULE = matching.score_rule(waiting.DAY, "france")
ONE_LONG_WAIT = replace(RULE, classes=RULE.classes[1:])
"""All who have waited three years in one class, however much longer they have waited."""
WITHOUT_NEED, SLOWEST = 36, 3
"""Months after which waiting alone leads to class 2; months between places of the rarest doctor."""
SEEDS = (1, 2, 3)


@cache
def two_years(seed: int) -> tuple[Round, ...]:
    return tuple(waiting.simulate(waiting.valley(seed), RULE))


def longest_months(seed: int, rounds: tuple[Round, ...]) -> int:
    valley = waiting.valley(seed)
    return max(end.months for end in waiting.ends(rounds) if valley.reaches(end.patient))


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_whom_a_doctor_can_serve_waits_much_beyond_three_years(seed: int) -> None:
    assert longest_months(seed, two_years(seed)) <= WITHOUT_NEED + SLOWEST


@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_who_waited_before_the_first_round_and_can_be_served_is_served(seed: int) -> None:
    valley = waiting.valley(seed)
    served = {end.patient for end in waiting.ends(two_years(seed)) if end.served}

    waited = {it for it in valley.patients if it.since <= 0 and valley.reaches(it)}

    assert waited
    assert waited <= served


@pytest.mark.parametrize("seed", SEEDS)
def test_without_points_for_waiting_somebody_starves(seed: int) -> None:
    by_need = waiting.simulate(waiting.valley(seed), RULE, counted=lambda _patient, _month: 0)

    assert longest_months(seed, tuple(by_need)) > 50


@pytest.mark.parametrize("seed", SEEDS)
def test_every_place_that_somebody_left_waiting_could_have_had_went_to_as_good_a_class(
    seed: int,
) -> None:
    valley = waiting.valley(seed)

    for turn in two_years(seed):
        given = dict(taken(turn))
        for patient, rank, practice in zip(
            turn.asking, turn.priority_class, turn.practice, strict=True
        ):
            if practice is None:
                for each in valley.practices:
                    if each.serves(patient):
                        assert len(given.get(each, [])) == each.places[turn.month]
                        assert max(given.get(each, [1])) <= rank


def taken(turn: Round) -> Iterator[tuple[Practice, list[int]]]:
    """The classes that the places of each practice went to."""
    told = list(zip(turn.practice, turn.priority_class, strict=True))
    for practice in set(turn.practice) - {None}:
        yield practice, [rank for other, rank in told if other == practice]


def test_the_table_counts_everybody_who_can_be_served_as_they_come_and_as_they_end() -> None:
    valley = waiting.valley(1)
    people = sum(valley.reaches(it) for it in valley.patients)

    rows = waiting.rows(1)

    came, served, left = (sum(int(row[column]) for row in rows) for column in (1, 3, 5))
    assert came == served + left == people
    assert [row[0] for row in rows] == [f"class {rank}" for rank in range(1, 7)]
    assert max(int(row[4]) for row in rows if row[4]) == longest_months(1, two_years(1))


def one_comes_one_goes() -> Valley:
    """Each month somebody next door has waited three years, and there is one place."""
    near = tuple(
        Patient(f"near {since}", since, 10.0)
        for since in range(-WITHOUT_NEED, waiting.ROUNDS - WITHOUT_NEED)
    )
    far = Patient("far", -WITHOUT_NEED - 1, 22.0)
    return Valley((far, *near), (Practice("valley head", 10.0, (1,) * waiting.ROUNDS),))


def rounds_of(name: str, rule: scoring.ScoreRule) -> list[bool]:
    """Whether somebody was served, in each round in which they asked."""
    told = []
    for turn in waiting.simulate(one_comes_one_goes(), rule):
        rows = zip(turn.asking, turn.practice, strict=True)
        told += [practice is not None for patient, practice in rows if patient.name == name]
    return told


def test_one_class_for_all_long_waits_lets_the_nearest_pass_for_ever() -> None:
    assert rounds_of("far", ONE_LONG_WAIT) == [False] * waiting.ROUNDS


def test_after_five_years_the_most_remote_patient_passes_before_them() -> None:
    assert rounds_of("far", RULE) == [False] * (waiting.ROUNDS - 1) + [True]
