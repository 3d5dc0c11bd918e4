from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler import check, solve
from scheduler.check import breaches, recount
from scheduler.drafting import drafted
from scheduler.flow.graph import even
from scheduler.flow.lead import Lead
from scheduler.flow.plan import plan
from scheduler.problem import Problem
from scheduler.roster import Roster
from tests.scheduler import instances
from tests.scheduler.flow import drawing, tiny


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(tiny.tiny(), st.sampled_from((1, 2, 3, 5, 600)), st.data())
def test_no_roster_as_good_as_the_one_found_is_lost(
    asked: Problem, steps: int, data: st.DataObject
) -> None:
    """Whether points differ, or the flow has had too few steps."""
    points = [data.draw(st.integers(0, 3)) for _ in asked.slot_ids]
    asked = replace(asked, points=np.array(points, np.int64))

    known = plan(drafted(asked), steps)

    if not isinstance(known, Lead):
        return
    counted = _counted(asked)
    least = _worth(asked, known.roster, counted)
    rosters = [given for given in _subsets(asked) if not breaches(asked, _roster(asked, given))]
    for taken in rosters:
        if _worth(asked, _roster(asked, taken), counted) >= least:
            assert not taken[known.never].any()
            assert taken[known.always].all()
    assert len(known.narrowed(asked).pair_doctor) == (~known.never).sum()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(tiny.tiny(), st.sampled_from((1, 2, 3, 5, 600)), st.data())
def test_every_bound_of_a_lead_holds(asked: Problem, steps: int, data: st.DataObject) -> None:
    points = [data.draw(st.integers(0, 2)) for _ in asked.slot_ids]
    asked = replace(asked, points=np.array(points, np.int64))

    known = plan(drafted(asked), steps)

    if not isinstance(known, Lead):
        return
    best = solve.solve(asked, flow=False)
    assert best.status == "optimal"
    for level in best.levels:
        if level.name not in known.bounds:
            break
        sign = -1 if level.name in check.LESS_IS_BETTER else 1
        found = recount(asked, known.roster, level.name)
        assert sign * found <= sign * known.bounds[level.name]
        assert sign * level.value <= sign * known.bounds[level.name]
        if found != level.value:
            break


@pytest.mark.parametrize("seed", range(4))
def test_coverage_and_changes_leave_few_pairs_open_in_a_repair(seed: int) -> None:
    asked = instances.a_quarter(seed, doctors=30)
    out = solve.solve(asked).roster.duties()
    pairs = zip(asked.pair_doctor.tolist(), asked.pair_slot.tolist(), strict=True)
    published = np.array([pair in out for pair in pairs])
    asked = replace(asked, pair_published=published, published_size=len(out))

    known = plan(drafted(asked))

    assert isinstance(known, Lead)
    assert known.bounds["changes"] == 0
    assert (known.always == published).all()
    assert (known.never == ~published).all()


@pytest.mark.parametrize("seed", range(3))
def test_where_points_differ_the_roster_of_a_lead_is_nearly_as_fair_as_can_be(seed: int) -> None:
    asked = instances.a_quarter(seed, doctors=30)
    best = {level.name: level.value for level in solve.solve(asked).levels}

    known = plan(drafted(asked))

    assert isinstance(known, Lead)
    assert breaches(asked, known.roster) == []
    for name in ("filled_1", "filled_2", "filled_3"):
        assert recount(asked, known.roster, name) == best[name]
    assert recount(asked, known.roster, "fairness") <= 1.2 * best["fairness"]


def _counted(asked: Problem) -> tuple[str, ...]:
    """The levels that the flow counts: all, or those that count no points."""
    names = check.level_names(asked)
    if even(drawing.questioned(asked)):
        return names
    return tuple(it for it in names if it.startswith("filled") or it == "changes")


def _subsets(asked: Problem) -> np.ndarray:
    pairs = len(asked.pair_doctor)
    return (np.arange(2**pairs)[:, None] >> np.arange(pairs) & 1).astype(np.bool_)


def _roster(asked: Problem, given: np.ndarray) -> Roster:
    return Roster(asked.pair_doctor[given], asked.pair_slot[given])


def _worth(asked: Problem, given: Roster, levels: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(
        -recount(asked, given, it) if it in check.LESS_IS_BETTER else recount(asked, given, it)
        for it in levels
    )
