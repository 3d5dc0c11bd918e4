import numpy as np
import pytest

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
