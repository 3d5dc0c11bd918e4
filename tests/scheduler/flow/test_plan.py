from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings

import compilation
from scheduler import check, records, solve
from scheduler.drafting import drafted
from scheduler.flow import plan
from scheduler.flow.lead import Lead
from scheduler.problem import Problem
from scheduler.records import Doctor, Offer, Slot
from scheduler.roster import Outcome
from tests.scheduler import cramped, instances, second_opinion
from tests.scheduler.flow import tiny

MONDAY = datetime(2027, 3, 1, 20, tzinfo=ZoneInfo("Europe/Paris"))


def _evenings(*days: int, **doctor: object) -> Problem:
    """One doctor, offered an evening on each of some days."""
    slots = [
        Slot(f"{day:02}", MONDAY + timedelta(days=day), MONDAY + timedelta(days=day, hours=4))
        for day in days
    ]
    offers = [Offer("a", slot.slot_id) for slot in slots]
    return records.from_records(slots, [Doctor("a", **doctor)], offers)


def _planned(asked: Problem, most_steps: int = plan.MOST_STEPS) -> Outcome:
    """What the flow proves, recounted."""
    outcome = plan.plan(drafted(asked), most_steps)
    assert isinstance(outcome, Outcome)
    check.check(asked, outcome)
    return outcome


@settings(max_examples=200, deadline=None, derandomize=True)
@given(asked=tiny.tiny())
def test_the_flow_finds_what_trying_everything_finds(asked: Problem) -> None:
    outcome = _planned(asked)

    assert outcome.status == "optimal"
    assert tiny.worth(asked, outcome.roster) == tiny.best_by_trying_everything(asked)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(asked=cramped.cramped())
def test_a_cramped_roster_is_as_good_as_one_by_trying_everything(asked: Problem) -> None:
    asked = replace(asked, points=np.ones_like(asked.points))
    outcome = _planned(asked)

    assert tiny.worth(asked, outcome.roster) == cramped.best_by_trying_everything(asked)


@pytest.mark.parametrize(("seed", "doctors"), [(0, 25), (1, 25), (6, 12), (12, 12), (29, 12)])
def test_the_flow_and_highs_agree_on_every_level(seed: int, doctors: int) -> None:
    asked = instances.a_quarter(seed, doctors=doctors, weeks=6, offer_rate=0.5)
    asked = replace(asked, points=np.ones_like(asked.points))

    by_flow, by_highs = _planned(asked), solve.solve(asked, flow=False)

    assert by_highs.status == "optimal"
    assert [it.value for it in by_flow.levels] == [it.value for it in by_highs.levels]


def test_cp_sat_finds_nothing_better_on_any_level() -> None:
    asked = instances.a_quarter(5, doctors=15, weeks=4)
    asked = replace(asked, points=np.ones_like(asked.points))
    outcome = _planned(asked)

    for level in range(len(outcome.levels)):
        assert not second_opinion.better_exists(asked, outcome, level)


@pytest.mark.parametrize(
    ("days", "doctor", "duties"),
    [
        ((0, 1, 2), {}, 2),  # rest
        ((0, 2, 4), {"max_per_week": 2}, 2),
        ((0, 2, 7), {"max_per_week": 2}, 3),
        ((0, 9, 20, 31), {"max_per_month": 2}, 3),
        ((0, 9, 20, 31), {"max_per_period": 3}, 3),
        ((29, 31, 33), {"max_per_week": 1}, 1),  # a week cut by the end of March
        ((29, 31, 33), {"max_per_week": 2}, 2),
        ((0, 29, 31, 33), {"max_per_week": 1, "max_per_month": 1}, 1 + 1),
    ],
)
def test_caps_and_rest_are_exactly_reached(
    days: tuple[int, ...], doctor: dict[str, int], duties: int
) -> None:
    assert len(_planned(_evenings(*days, **doctor)).roster.duties()) == duties


def test_of_points_that_differ_for_one_doctor_coverage_is_proven_and_the_rest_left() -> None:
    asked = replace(_evenings(0, 7), points=np.array([1, 2]))

    known = plan.plan(drafted(asked))

    assert isinstance(known, Lead)
    assert known.bounds == {"filled_1": 2, "filled_2": 0, "filled_3": 0}
    assert known.roster.duties() == [(0, 0), (0, 1)]


def test_points_may_differ_between_doctors() -> None:
    slots = [
        Slot(f"{day}", MONDAY + timedelta(days=day), MONDAY + timedelta(days=day, hours=4))
        for day in range(2)
    ]
    asked = records.from_records(
        [replace(slots[0], points=2), slots[1]],
        [Doctor("a"), Doctor("b")],
        [Offer("a", "0"), Offer("b", "1")],
    )

    assert _planned(asked).status == "optimal"


def test_nothing_is_answered_where_nothing_can_be_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compilation, "AVAILABLE", False)

    assert plan.plan(drafted(_evenings(0, 7))) is None


def test_a_question_without_anybody_or_anything_has_an_answer() -> None:
    for asked in (records.from_records([], [], []), records.from_records([], [Doctor("a")], [])):
        assert _planned(asked).roster.duties() == []


def test_burdens_too_large_to_be_weighed_are_left_to_others() -> None:
    asked = _evenings(0, 7, history_points=10**6, participation=1e-6)
    known = plan.plan(drafted(asked))

    assert isinstance(known, Lead)
    assert set(known.bounds) == {"filled_1", "filled_2", "filled_3"}


def test_a_roster_that_is_not_proven_in_the_steps_allowed_is_left_to_others() -> None:
    laminar, loose = _evenings(0, 1), _evenings(0, 1, 2)
    wished = replace(loose, pair_wish=np.array([0, 2, 2]))

    assert _planned(laminar, most_steps=1).status == "optimal"
    assert plan.plan(drafted(wished), most_steps=1) is None
    assert _planned(wished).status == "optimal"


def test_the_answer_says_that_the_flow_proved_every_level() -> None:
    outcome = _planned(_evenings(0, 7))

    assert {level.proved_by for level in outcome.levels} == {"flow"}


def test_the_same_question_gives_the_same_roster() -> None:
    asked = _evenings(*range(0, 30, 3), max_per_week=1)

    one, other = _planned(asked), _planned(asked)

    assert one.roster.duties() == other.roster.duties()
