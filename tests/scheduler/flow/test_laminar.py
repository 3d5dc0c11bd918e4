from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings

from scheduler import records
from scheduler.flow.laminar import Family, family
from scheduler.problem import Problem
from scheduler.records import Doctor, Offer, Slot
from tests.scheduler.flow import drawing, tiny

MONDAY = datetime(2027, 3, 1, 20, tzinfo=ZoneInfo("Europe/Paris"))
"""The first day of a month; its week from the 29th on is cut by the next month."""


def _family(days: tuple[int, ...], **doctor: int) -> Family:
    """The rows of one doctor who offers an evening on each of some days."""
    slots = [
        Slot(f"{day:02}", MONDAY + timedelta(days=day), MONDAY + timedelta(days=day, hours=4))
        for day in days
    ]
    offers = [Offer("a", slot.slot_id) for slot in slots]
    return family(drawing.questioned(records.from_records(slots, [Doctor("a", **doctor)], offers)))


def _limits(found: Family) -> list[tuple[int, int]]:
    """Per set: what it allows, and the set around it."""
    return list(zip(found.most.tolist(), found.parent.tolist(), strict=True))


def test_duties_far_apart_need_no_set_but_that_of_the_doctor() -> None:
    assert _limits(_family((0, 7, 14))) == [(3, -1)]


def test_the_cap_of_the_period_is_that_of_the_doctor() -> None:
    assert _limits(_family((0, 7, 14), max_per_period=2)) == [(2, -1)]


def test_two_days_in_a_row_share_a_set() -> None:
    found = _family((0, 1))

    assert _limits(found) == [(1, -1)]
    assert found.loose.most.size == 0


def test_of_three_days_in_a_row_two_share_a_set_and_the_other_two_are_loose() -> None:
    found = _family((0, 1, 2))

    assert _limits(found) == [(2, -1), (1, 0)]
    assert found.loose.pair.tolist() == [1, 2]
    assert found.piece.tolist() == [-2, -3]


def test_weeks_lie_within_the_months_that_do_not_cut_them() -> None:
    found = _family((0, 2, 4, 7, 9, 11, 40), max_per_week=2, max_per_month=3)

    assert _limits(found) == [(4, -1), (3, 0), (2, 1), (2, 1)]
    assert found.loose.most.size == 0


def test_a_week_cut_by_a_month_is_loose_where_both_may_bind() -> None:
    found = _family((0, 7, 14, 28, 30, 32), max_per_week=2, max_per_month=2)

    assert _limits(found) == [(3, -1), (2, 0), (2, 1)]
    assert found.loose.pair.tolist() == [3, 4, 5]
    assert found.loose.most.tolist() == [2]
    assert found.piece.tolist() == [2, 2, -6]


@pytest.mark.parametrize(("cap", "loose"), [(5, 0), (4, 1)])
def test_a_month_that_its_weeks_cannot_pass_makes_nothing_loose(cap: int, loose: int) -> None:
    days = (0, 2, 7, 9, 14, 16, 21, 23, 28, 30, 32)

    found = _family(days, max_per_week=1, max_per_month=cap)

    assert found.loose.most.size == loose


@settings(max_examples=150, deadline=None, derandomize=True)
@given(asked=tiny.tiny())
def test_sets_nest_and_with_the_loose_rows_allow_what_the_rules_allow(asked: Problem) -> None:
    question = drawing.questioned(asked)
    found = family(question)

    assert (found.parent < np.arange(found.parent.size)).all()
    for chosen in _some_choices(question.open):
        kept = (question.rows.load(chosen) <= question.rows.most).all()
        assert kept == (
            _fits(found, chosen) and (found.loose.load(chosen) <= found.loose.most).all()
        )


def _some_choices(opened: np.ndarray) -> list[np.ndarray]:
    draw = np.random.default_rng(opened.size)
    return [opened & (draw.random(opened.size) < share) for share in (0.2, 0.4, 0.6) * 8]


def _fits(found: Family, chosen: np.ndarray) -> bool:
    """Whether no set is given more than it allows; at their doctor, all sets are."""
    load = np.bincount(found.leaf[chosen], minlength=found.parent.size)
    for row in range(load.size - 1, -1, -1):
        if found.parent[row] >= 0:
            load[found.parent[row]] += load[row]
    return bool((load <= found.most).all())
