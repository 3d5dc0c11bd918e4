from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import matcher
from matcher import scoring
from matcher.problem import UNKNOWN

RULE = scoring.ScoreRule(
    version="test",
    factors={"ald": 40, "pregnant": 30},
    ages=(scoring.AgeBand(0, 2, 20), scoring.AgeBand(80, 150, 20)),
    waiting=(scoring.WaitingStep(0, 1), scoring.WaitingStep(12, 3), scoring.WaitingStep(24, 6)),
    classes=(120, 40, 20),
)


def scored(ald: int = 0, pregnant: int = 0, age: int = 40, months: int = 0) -> scoring.Scores:
    answers = {"ald": np.array([ald]), "pregnant": np.array([pregnant])}
    return scoring.score(RULE, answers, np.array([age]), np.array([months]))


@pytest.mark.parametrize(
    ("months", "points"), [(0, 0), (11, 11), (12, 12), (13, 15), (24, 48), (25, 54), (36, 120)]
)
def test_waiting_earns_more_and_more(months: int, points: int) -> None:
    assert scored(months=months).components["waiting"].tolist() == [points]


@pytest.mark.parametrize(
    ("age", "points"), [(0, 20), (2, 20), (3, 0), (79, 0), (80, 20), (UNKNOWN, 0)]
)
def test_age_bands_include_both_ends_and_unknown_earns_nothing(age: int, points: int) -> None:
    assert scored(age=age).components["age"].tolist() == [points]


@pytest.mark.parametrize(("answer", "points"), [(1, 40), (0, 0), (UNKNOWN, 0)])
def test_only_a_yes_earns_points(answer: int, points: int) -> None:
    assert scored(ald=answer).total.tolist() == [points]


@pytest.mark.parametrize(("months", "rank"), [(36, 1), (35, 2), (22, 2), (21, 3), (14, 4)])
def test_a_class_begins_at_its_threshold(months: int, rank: int) -> None:
    assert scored(months=months).priority_class.tolist() == [rank]


def test_mat_03_waiting_outweighs_every_need_in_the_end() -> None:
    needs = scored(ald=1, pregnant=1, age=85)
    patience = scored(months=36)

    assert patience.total[0] > needs.total[0]
    assert patience.priority_class[0] < needs.priority_class[0]


def test_a_score_by_which_class_1_is_just_out_of_reach_of_need_is_accepted() -> None:
    assert replace(RULE, classes=(RULE.most_need + 1,)).most_need == 90


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"classes": (90, 40)}, "need alone scores 90 and leads to class 1"),
        ({"classes": (120, 40, 40)}, "go down from class 1"),
        ({"factors": {"ald": -1}}, "a need cannot cost points"),
        ({"ages": (scoring.AgeBand(0, 2, -20),)}, "a need cannot cost points"),
        ({"ages": (scoring.AgeBand(0, 2, 9), scoring.AgeBand(2, 3, 5))}, "age bands overlap"),
        ({"waiting": ()}, "go up from month 0"),
        ({"waiting": (scoring.WaitingStep(1, 1),)}, "go up from month 0"),
        (
            {"waiting": (scoring.WaitingStep(0, 1), scoring.WaitingStep(0, 2))},
            "go up from month 0",
        ),
        ({"waiting": (scoring.WaitingStep(0, 0),)}, "something in the end"),
        ({"waiting": (scoring.WaitingStep(0, -1),)}, "something in the end"),
        (
            {"waiting": (scoring.WaitingStep(0, 2), scoring.WaitingStep(9, 1))},
            "no less than the one before",
        ),
    ],
)
def test_a_score_by_which_somebody_could_wait_for_ever_is_refused(
    changed: dict[str, Any], fault: str
) -> None:
    with pytest.raises(matcher.Refused, match=f"^score test: .*{fault}"):
        replace(RULE, **changed)


def test_waiting_may_earn_nothing_at_first() -> None:
    late = replace(RULE, waiting=(scoring.WaitingStep(0, 0), scoring.WaitingStep(6, 1)))

    assert scoring.waiting_points(late, np.array([0, 6, 7])).tolist() == [0, 0, 1]


def test_the_longest_wait_of_a_class_is_that_of_its_most_patient_known_member() -> None:
    ranks, days = np.array([1, 1, 3, 4, 4]), np.array([10, 400, 0, UNKNOWN, UNKNOWN])

    longest = scoring.longest_wait(ranks, days, 4)

    assert longest.tolist() == [400, UNKNOWN, 0, UNKNOWN]


def test_nobody_at_all_has_no_longest_wait() -> None:
    nobody = np.zeros(0, np.int64)

    assert scoring.longest_wait(nobody, nobody, 2).tolist() == [UNKNOWN, UNKNOWN]
