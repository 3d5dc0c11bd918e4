"""What the published score promises, in the words of the guide."""

from datetime import date

import numpy as np
import pytest

from api.services import matching
from matcher import scoring
from store import parameters
from tests.house import sources

DAY = date(2026, 11, 21)
RULE = matching.score_rule(DAY, "france")
GUIDE = sources.text_of(sources.ROOT / "docs/guide/le-bareme.md")
TEN_YEARS = np.arange(121)


def ranked(months: int, *, needs: bool = False) -> int:
    """The class of somebody without any need, or with every one of them."""
    answers = {name: np.array([int(needs)]) for name in RULE.factors}
    age = np.array([85 if needs else 40])
    return int(scoring.score(RULE, answers, age, np.array([months])).priority_class[0])


@pytest.mark.parametrize(
    ("months", "rank"),
    [(14, 6), (15, 5), (21, 5), (22, 4), (25, 4), (26, 3), (35, 3), (36, 2), (59, 2), (60, 1)],
)
def test_waiting_alone_leads_from_class_to_class(months: int, rank: int) -> None:
    assert ranked(months) == rank


@pytest.mark.parametrize(("months", "rank"), [(0, 3), (9, 3), (10, 2), (44, 2), (45, 1)])
def test_the_gravest_need_waits_too_before_it_enters_the_first_two_classes(
    months: int, rank: int
) -> None:
    assert ranked(months, needs=True) == rank


def test_whoever_comes_three_years_later_never_scores_as_much_whatever_the_needs() -> None:
    earlier = scoring.waiting_points(RULE, TEN_YEARS[36:])
    later = RULE.most_need + scoring.waiting_points(RULE, TEN_YEARS[:-36])

    assert (earlier > later).all()


def test_every_component_and_the_classes_have_a_reason_with_its_source() -> None:
    reasons = parameters.at("priority_score", DAY)["reasons"]

    assert reasons.keys() == {*RULE.factors, scoring.AGE, scoring.WAITING, "classes"}
    assert [name for name, reason in reasons.items() if "Source : " not in reason] == []


def test_the_guide_tells_every_number_of_the_score() -> None:
    points = {cell[0].strip("`"): cell[2] for cell in sources.columns(GUIDE, "Les points")}
    lowest = [row[1] for row in sources.columns(GUIDE, "Les classes")]
    steps = [(row[0], row[1]) for row in sources.columns(GUIDE, "L'attente")]

    assert f"version {RULE.version}" in GUIDE
    assert {name: points[name] for name in RULE.factors} == {
        name: str(worth) for name, worth in RULE.factors.items()
    }
    assert [band.points for band in RULE.ages] == [int(it) for it in points["age"].split(" / ")]
    assert lowest == [*map(str, RULE.classes), "moins"]
    assert [worth for _, worth in steps] == [str(step.points) for step in RULE.waiting]
