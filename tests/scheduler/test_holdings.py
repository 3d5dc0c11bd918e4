from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scheduler import check, holdings, solve
from scheduler.drafting import drafted
from scheduler.goals import goals, programme
from scheduler.problem import Integers, Limits, Problem
from scheduler.programme import Programme
from scheduler.roster import Roster
from tests.scheduler import cramped, instances

SEVERAL = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def _values(asked: Problem) -> list[int]:
    outcome = solve.solve(asked, flow=False)
    assert outcome.status == "optimal"
    return [level.value for level in outcome.levels]


def _best(whole: Programme, aim: Integers) -> int:
    """What the solver finds, counted again."""
    values = whole.best(aim, Limits(), np.zeros(0)).values
    assert values is not None
    return int(aim @ np.round(values[: len(aim)]).astype(np.int64))


@SEVERAL
@given(cramped.cramped() | cramped.crowded_with_rules(), st.floats(0.5, 40_000))
def test_within_a_distance_the_fairest_roster_is_the_one_that_increments_find(
    asked: Problem, distance: float
) -> None:
    """Of those that seat as many as can be; farther away there may be nothing at all."""
    draft = drafted(asked)
    whole = programme(draft)
    fairness = next(it for it in goals(draft, whole) if it.name == "fairness")
    for goal in goals(draft, programme(draft))[:3]:
        goal.fix(whole, -_best(whole, goal.aim))
    relaxed = whole.relaxed(fairness.weight, Limits())
    assume(relaxed.reduced_costs is not None)
    fairest = _best(whole, fairness.weight)

    found = holdings.within(draft, whole, fairness, relaxed.reduced_costs, distance)

    assert found is not None
    near, fair = found
    reply = near.best(fair.aim, Limits(), np.zeros(0))
    if fairest <= relaxed.bound + distance - 0.1:
        assert reply.values is not None
        assert _best(near, fair.aim) == fairest
        rows = np.flatnonzero(np.round(reply.values[: len(draft.most)]) == 1)
        given = Roster(asked.pair_doctor[rows], asked.pair_slot[rows])
        assert check.breaches(asked, given) == []
        worth = fairness.offset + fairness.factor * fairest
        assert check.recount(asked, given, "fairness") == worth
    elif reply.values is not None:
        assert _best(near, fair.aim) >= fairest


@pytest.mark.parametrize("limit", ["MOST_TRIED", "MOST_KEPT"])
def test_where_there_are_too_many_holdings_increments_find_the_same(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = instances.a_quarter(5, doctors=10, weeks=4)
    by_holdings = _values(asked)
    monkeypatch.setattr(holdings, limit, 0)

    assert _values(asked) == by_holdings


@pytest.mark.parametrize("step", [1e-12, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_it_does_not_matter_how_far_the_search_begins(
    step: float, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = instances.a_quarter(seed, doctors=9, weeks=4)
    values = _values(asked)
    monkeypatch.setattr(solve, "STEP", step)

    assert _values(asked) == values


def test_duties_worth_nothing_are_no_burden_and_stay_possible() -> None:
    asked = instances.a_quarter(2, doctors=8, weeks=3)
    free = replace(asked, points=np.where(asked.hardness == 3, 0, asked.points))

    outcome = solve.solve(free, flow=False)

    assert outcome.status == "optimal"
    assert outcome.levels[2].value == solve.solve(asked).levels[2].value
