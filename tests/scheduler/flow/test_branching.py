from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from scheduler.flow.branching import Found, best
from scheduler.flow.graph import Graph
from scheduler.flow.prices import OutOfSteps, Steps, passed, priced, worth
from scheduler.flow.sowing import sown
from scheduler.problem import Problem
from tests.scheduler import instances
from tests.scheduler.flow import drawing, tiny


def _quarter(seed: int) -> Graph:
    return _even(instances.a_quarter(seed, doctors=30))


def _even(asked: Problem) -> Graph:
    return drawing.drawn(replace(asked, points=np.ones_like(asked.points)))


def _found(made: Graph, most_steps: int = 1000) -> Found:
    return best(made, sown(made), Steps(most_steps))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(asked=tiny.tiny())
def test_no_price_proves_more_than_the_best_roster_is_worth(asked: Problem) -> None:
    made = drawing.drawn(asked)
    value = _found(made).value
    draw = np.random.default_rng(made.pair.size)

    for _ in range(5):
        prices = draw.integers(0, 3, (len(made.levels), made.sets.loose.most.size))
        dear = priced(made, prices)
        flow = Steps(1).solve(dear.network, dear.network.upper, sown(made))
        assert worth(dear, prices, flow) <= value


@pytest.mark.parametrize("seed", range(3))
def test_what_is_found_passes_no_row_and_its_proof_is_a_bound(seed: int) -> None:
    made = _quarter(seed)
    found = _found(made)

    assert passed(made, found.flow) == {}
    assert made.value(found.flow) == found.value
    assert worth(priced(made, found.prices), found.prices, found.proof) == found.bound
    assert found.bound <= found.value


@pytest.mark.parametrize("seed", [6, 12, 25, 29])
def test_branching_closes_the_gap_that_prices_leave(seed: int) -> None:
    made = _even(instances.a_quarter(seed, doctors=12, weeks=6, offer_rate=0.5))
    by_branching = best(made, sown(made), Steps(1000), rounds=1)

    assert by_branching.bound < by_branching.value == _found(made).value
    assert passed(made, by_branching.flow) == {}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(asked=tiny.tiny())
def test_branching_finds_what_prices_find(asked: Problem) -> None:
    made = drawing.drawn(asked)

    assert best(made, sown(made), Steps(1000), rounds=1).value == _found(made).value


def test_steps_are_counted_and_never_more_than_allowed() -> None:
    made = _quarter(0)
    steps = _found(made).steps

    assert _found(made, steps).steps == steps
    assert _found(made, steps).proven
    with pytest.raises(OutOfSteps):
        _found(made, 0)


@pytest.mark.parametrize("seed", [6, 12, 25, 29])
def test_a_roster_found_in_too_few_steps_is_one_and_its_bound_holds(seed: int) -> None:
    made = _even(instances.a_quarter(seed, doctors=12, weeks=6, offer_rate=0.5))
    best_value, steps = _found(made).value, _found(made).steps

    for few in range(steps // 2, steps):
        found = _found(made, few)
        assert found.steps <= few
        assert passed(made, found.flow) == {}
        assert found.bound <= best_value <= found.value
        assert not found.proven or found.value == best_value
