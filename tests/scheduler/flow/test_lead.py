from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.check import breaches, recount
from scheduler.flow.face import face
from scheduler.problem import Problem
from scheduler.roster import Roster
from tests.scheduler.flow import tiny

SETTLED = ("filled_1", "filled_2", "filled_3", "changes")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(tiny.tiny(), st.data())
def test_no_roster_best_in_coverage_and_changes_is_lost(
    asked: Problem, data: st.DataObject
) -> None:
    points = [data.draw(st.integers(0, 3)) for _ in asked.slot_ids]
    asked = replace(asked, points=np.array(points, np.int64))

    known = face(asked)

    if known is None:
        return
    rosters = [given for given in _subsets(asked) if not breaches(asked, _roster(asked, given))]
    worth = [_worth(asked, _roster(asked, given)) for given in rosters]
    best = [given for given, it in zip(rosters, worth, strict=True) if it == max(worth)]
    assert best
    for taken in best:
        assert not taken[known.never].any()
        assert taken[known.always].all()
    narrow = known.narrowed(asked)
    assert len(narrow.pair_doctor) == (~known.never).sum()


def _subsets(asked: Problem) -> np.ndarray:
    pairs = len(asked.pair_doctor)
    return (np.arange(2**pairs)[:, None] >> np.arange(pairs) & 1).astype(np.bool_)


def _roster(asked: Problem, given: np.ndarray) -> Roster:
    return Roster(asked.pair_doctor[given], asked.pair_slot[given])


def _worth(asked: Problem, given: Roster) -> tuple[int, ...]:
    changes = -recount(asked, given, "changes")
    return (*(recount(asked, given, level) for level in SETTLED[:3]), changes)
