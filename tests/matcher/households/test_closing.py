from dataclasses import replace

import numpy as np
import pytest

from benchmarks import ours, territories
from matcher.households import closing, packing, repair
from matcher.households.packing import Given
from matcher.households.programme import Effort
from matcher.households.repair import Task


@pytest.fixture(scope="module")
def of() -> Task:
    town = replace(territories.NANCY, people=9_500, doctors=73, cells=279)
    asked = ours.together(ours.Instance(town, 0.6))
    return Task(asked.network, asked.goals, asked.costs, asked.solved(), Effort())


@pytest.fixture(scope="module")
def repaired(of: Task) -> Given:
    given, failing = packing.pack(of.network, of.costs, of.flow)
    return repair.settled(of, given, failing, np.ones_like(failing))


def test_something_better_is_found_and_nothing_better_than_that_exists(
    of: Task, repaired: Given
) -> None:
    lost = of.lost_by(repaired)
    assert lost

    answer, proven = closing.close(of, repaired, lost)

    assert proven
    assert of.rank(answer) < of.rank(repaired)


@pytest.mark.parametrize("bound", ["MANY_COLUMNS", "COLUMNS_IN_ALL"])
def test_a_search_too_large_is_not_begun_and_claims_nothing(
    monkeypatch: pytest.MonkeyPatch, of: Task, repaired: Given, bound: str
) -> None:
    monkeypatch.setattr(closing, bound, 1)
    lost = of.lost_by(repaired)
    assert lost

    answer, proven = closing.close(of, repaired, lost)

    assert answer is repaired
    assert not proven
