import random
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from scheduler import check, problem, records, solve, start
from scheduler.drafting import drafted
from scheduler.records import Doctor, Offer
from scheduler.roster import Outcome, roster
from tests.scheduler import cramped, instances, second_opinion
from tests.scheduler.test_rules import a_slot

FAST = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
LESS_IS_BETTER = ("changes", "minimums", "fairness")


def values(outcome: Outcome) -> dict[str, int]:
    return {level.name: level.value for level in outcome.levels}


def named(asked: problem.Problem, outcome: Outcome) -> list[tuple[str, str]]:
    return [(asked.rpps[doctor], asked.slot_ids[slot]) for doctor, slot in outcome.roster.duties()]


@FAST
@given(cramped.cramped() | cramped.crowded_with_rules() | cramped.on_the_way())
def test_every_level_is_the_one_found_by_trying_everything(asked: problem.Problem) -> None:
    outcome = solve.solve(asked)

    found = tuple(
        -level.value if level.name in LESS_IS_BETTER else level.value for level in outcome.levels
    )
    assert found == cramped.best_by_trying_everything(asked)
    assert outcome.status == "optimal"


def test_another_solver_finds_nothing_better_at_any_level() -> None:
    asked = instances.a_quarter(1, doctors=20, weeks=5, offer_rate=0.1)

    outcome = solve.solve(asked)

    assert outcome.status == "optimal"
    assert not any(second_opinion.better_exists(asked, outcome, level) for level in range(5))
    wishes = replace(outcome.levels[4], value=outcome.levels[4].value - 1)
    worse = replace(outcome, levels=(*outcome.levels[:4], wishes))
    assert second_opinion.better_exists(asked, worse, 4)


def test_ros_01_a_quarter_of_duties_is_proven_at_every_level() -> None:
    asked = instances.a_quarter(2)

    outcome = solve.solve(asked)

    assert outcome.status == "optimal"
    assert values(outcome) == {
        "filled_1": 39,
        "filled_2": 26,
        "filled_3": 104,
        "fairness": 44679975,
        "wishes": 220,
    }


def test_ros_01_the_same_question_asked_in_another_order_has_the_same_answer() -> None:
    slots = [a_slot(day, points=1 + day % 3) for day in range(6)]
    doctors = [Doctor(f"d{row}", history_points=row) for row in range(4)]
    offers = [Offer(doctor.rpps, slot.slot_id) for doctor in doctors for slot in slots]
    asked = records.from_records(slots, doctors, offers)
    draw = random.Random(3)
    for rows in (slots, doctors, offers):
        draw.shuffle(rows)
    shuffled = records.from_records(slots, doctors, offers)

    answers = [named(asked, solve.solve(asked)) for _ in range(2)]

    assert answers[0] == answers[1] == named(shuffled, solve.solve(shuffled))


def test_a_published_roster_changes_as_little_as_the_seats_allow() -> None:
    slots = [a_slot(0), a_slot(3), a_slot(6)]
    offers = [Offer(rpps, slot.slot_id) for rpps in "ab" for slot in slots]
    offers.remove(Offer("a", "03T18"))
    published = [("a", "00T18"), ("a", "03T18"), ("a", "06T18"), ("gone", "06T18")]
    asked = records.from_records(slots, [Doctor("a"), Doctor("b")], offers, published=published)

    outcome = solve.solve(asked)

    assert named(asked, outcome) == [("a", "00T18"), ("a", "06T18"), ("b", "03T18")]
    assert values(outcome)["changes"] == 3
    assert outcome.status == "optimal"


def test_a_published_roster_that_is_empty_counts_every_duty_as_a_change() -> None:
    asked = records.from_records([a_slot(0)], [Doctor("a")], [Offer("a", "00T18")], published=[])

    assert values(solve.solve(asked))["changes"] == 1


def test_ros_03_who_did_twice_the_average_rests_until_the_gap_closes() -> None:
    slots = [a_slot(day) for day in range(0, 12, 2)]
    doctors = [Doctor("f", history_points=6), Doctor("g", history_points=2), Doctor("h")]
    offers = [Offer(doctor.rpps, slot.slot_id) for doctor in doctors for slot in slots]
    asked = records.from_records(slots, doctors, offers)

    assert check.loads(asked, solve.solve(asked).roster) == [0, 2, 4]


def test_ros_03_the_gap_of_last_year_closes_more_slowly_if_points_fade() -> None:
    slots = [a_slot(day) for day in range(0, 12, 2)]
    doctors = [Doctor("f", ledger=((2026, 6),)), Doctor("g", ledger=((2026, 2),)), Doctor("h")]
    offers = [Offer(doctor.rpps, slot.slot_id) for doctor in doctors for slot in slots]

    loads = [
        check.loads(asked, solve.solve(asked).roster)
        for keep in (100, 50, 0)
        for asked in [
            records.from_records(slots, doctors, offers, terms=problem.Terms(keep_percent=keep))
        ]
    ]

    assert loads == [[0, 2, 4], [1, 2, 3], [2, 2, 2]]


def test_half_a_participation_is_asked_half_as_much() -> None:
    slots = [a_slot(day) for day in range(0, 12, 2)]
    doctors = [Doctor("half", participation=0.5), Doctor("whole")]
    offers = [Offer(doctor.rpps, slot.slot_id) for doctor in doctors for slot in slots]
    asked = records.from_records(slots, doctors, offers)

    assert check.loads(asked, solve.solve(asked).roster) == [2, 4]


def test_wishes_decide_between_rosters_that_are_equally_fair() -> None:
    slots = [a_slot(0), a_slot(3)]
    offers = [
        Offer("a", "00T18", -2),
        Offer("a", "03T18", 1),
        Offer("b", "00T18", 0),
        Offer("b", "03T18", 2),
    ]
    asked = records.from_records(slots, [Doctor("a"), Doctor("b")], offers)

    outcome = solve.solve(asked)

    assert named(asked, outcome) == [("a", "03T18"), ("b", "00T18")]
    assert values(outcome)["wishes"] == 1


def test_the_hardest_seat_is_filled_before_two_easier_ones() -> None:
    slots = [a_slot(1, hardness=1), a_slot(0, hardness=2), a_slot(2, hardness=3)]
    offers = [Offer("a", slot.slot_id, 2) for slot in slots]
    asked = records.from_records(slots, [Doctor("a")], offers)

    assert named(asked, solve.solve(asked)) == [("a", "01T18")]


def test_nothing_to_staff_is_an_optimal_empty_roster() -> None:
    outcome = solve.solve(records.from_records([], [], []))

    assert outcome.status == "optimal"
    assert outcome.roster.duties() == []


def test_without_time_a_full_roster_comes_back_with_honest_bounds() -> None:
    asked = instances.a_quarter(7, doctors=20, weeks=4)

    hurried = solve.solve(asked, problem.Limits(seconds=1e-9))
    best = solve.solve(asked)

    assert hurried.status == "feasible"
    assert check.breaches(asked, hurried.roster) == []
    for level in hurried.levels[:3]:
        assert level.value <= values(best)[level.name] <= level.bound
    assert all(level.gap == abs(level.value - level.bound) for level in hurried.levels)


def test_without_time_and_with_a_shortage_no_seat_is_left_that_can_be_given() -> None:
    asked = instances.a_quarter(8, doctors=5, weeks=4)

    hurried = solve.solve(asked, problem.Limits(seconds=1e-9))

    assert hurried.status == "feasible"
    assert hurried.levels[0].value <= values(solve.solve(asked))["filled_1"]
    assert start.completed(drafted(asked), hurried.roster).duties() == hurried.roster.duties()


def test_every_level_says_who_proved_it() -> None:
    slots = [a_slot(0, doctors_needed=2, hardness=1), a_slot(3, hardness=2)]
    offers = [Offer(rpps, slot.slot_id) for rpps in "ab" for slot in slots]
    asked = records.from_records(slots, [Doctor("a"), Doctor("b")], offers)
    hurried = solve.solve(instances.a_quarter(7, 20, 4), problem.Limits(seconds=1e-9), flow=False)

    assert {level.proved_by for level in solve.solve(asked).levels} == {"flow"}
    alone = solve.solve(asked, flow=False)
    assert [level.proved_by for level in alone.levels] == [*["bound"] * 3, "highs", "bound"]
    assert all(bool(level.proved_by) is (level.gap == 0) for level in hurried.levels)


def test_where_points_differ_the_flow_proves_coverage_and_highs_the_rest() -> None:
    outcome = solve.solve(instances.a_quarter(7, doctors=8, weeks=4))

    assert outcome.status == "optimal"
    assert [level.proved_by for level in outcome.levels] == ["flow"] * 3 + ["highs"] * 2


def test_an_answer_that_breaks_a_rule_never_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = records.from_records([a_slot(0)], [Doctor("a")], [Offer("a", "00T18")])
    lazy = replace(solve.solve(asked), roster=roster([]))
    monkeypatch.setattr(solve, "plan", lambda _draft, **_: lazy)

    with pytest.raises(check.Disagreement):
        solve.solve(asked)


@pytest.mark.parametrize("seed", [1, 4, 9])
@pytest.mark.parametrize("steps", [5, 20])
def test_what_a_flow_leaves_unproven_is_proven_from_there(
    seed: int, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However early the flow gives up, and whatever points are worth."""
    asked = instances.a_quarter(seed, doctors=12, weeks=5, offer_rate=0.5)
    monkeypatch.setattr(solve, "plan", partial(solve.plan, most_steps=steps))

    for points in (asked.points, np.ones_like(asked.points)):
        one = replace(asked, points=points)
        led, alone = solve.solve(one), solve.solve(one, flow=False)
        assert led.status == alone.status == "optimal"
        assert values(led) == values(alone)


def test_progress_names_every_level_in_order_and_ends_at_one() -> None:
    told: list[tuple[str, float]] = []
    nothing = records.from_records([], [], [])

    solve.solve(nothing, progress=lambda *it: told.append(it), flow=False)

    assert [name for name, _ in told] == [*check.level_names(nothing), "done"]
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert told[-1] == ("done", 1.0)


def test_the_clock_given_says_when_time_is_over() -> None:
    asked = instances.a_quarter(7, doctors=20, weeks=4)
    ticks = iter([0.0, *[30.0] * 2, *[90.0] * 1000])

    outcome = solve.solve(asked, problem.Limits(60.0), clock=lambda: next(ticks))

    assert outcome.status == "feasible"
    assert check.breaches(asked, outcome.roster) == []


@pytest.mark.parametrize("limits", [{"seconds": 0}, {"seed": -1}, {"seed": 2**31}])
def test_limits_out_of_their_range_are_refused(limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="limits"):
        problem.Limits(**limits)
