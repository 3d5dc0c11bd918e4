from dataclasses import replace

import numpy as np
import pytest

from scheduler.flow.engine import certificate, simplex
from scheduler.flow.engine.network import Basis, Flow, Infeasible, Network, Overflow
from tests.scheduler.flow.engine import networks


def _solved(asked: Network, start: Basis | None = None) -> Flow | None:
    try:
        return simplex.solve(asked, start)
    except Infeasible:
        return None


def _cost(asked: Network, flow: Flow | None) -> int | None:
    if flow is None:
        return None
    assert list(certificate.breaches(asked, flow)) == []
    high, low = certificate.cost(asked, flow)
    return networks.HIGH * high + low


def _two_ways(**columns: object) -> Network:
    """One unit from node 0 to node 1, by either of two arcs side by side."""
    columns = {"lower": [0, 0], "upper": [1, 1], "high": [0, 0], "low": [5, 3], **columns}
    arrays = {name: np.array(column, np.int64) for name, column in columns.items()}
    return Network(np.zeros(2, np.int32), np.ones(2, np.int32), supply=np.array([1, -1]), **arrays)


@pytest.mark.parametrize("seed", range(300))
def test_a_flow_costs_what_or_tools_says_and_is_proven(seed: int) -> None:
    asked = networks.network(seed)

    assert _cost(asked, _solved(asked)) == networks.least_cost(asked)


@pytest.mark.parametrize("seed", range(300))
def test_a_flow_solved_again_from_a_former_tree_is_as_good_as_from_nothing(seed: int) -> None:
    asked = networks.network(seed)
    former = _solved(asked)
    other = networks.changed(asked, seed)

    again = _solved(other, former and former.basis)

    assert _cost(other, again) == networks.least_cost(other)


@pytest.mark.parametrize("seed", range(5))
def test_a_larger_flow_is_proven_too(seed: int) -> None:
    asked = networks.network(seed, most_nodes=400, most_arcs=4000)

    assert _cost(asked, _solved(asked)) == networks.least_cost(asked)


def test_the_same_network_gives_the_same_flow() -> None:
    asked = networks.network(3, most_nodes=100, most_arcs=1000)

    assert (simplex.solve(asked).amount == simplex.solve(asked).amount).all()


def test_the_cheaper_of_two_arcs_side_by_side_is_used_first() -> None:
    assert simplex.solve(_two_ways()).amount.tolist() == [0, 1]


def test_the_high_word_decides_before_the_low_one() -> None:
    assert simplex.solve(_two_ways(high=[0, 1], low=[10**9, 0])).amount.tolist() == [1, 0]


def test_a_lower_bound_is_kept_whatever_it_costs() -> None:
    assert simplex.solve(_two_ways(lower=[1, 0])).amount.tolist() == [1, 0]


def test_a_flow_that_does_not_fit_is_refused() -> None:
    with pytest.raises(Infeasible):
        simplex.solve(_two_ways(upper=[0, 0]))


def test_a_lower_bound_above_the_upper_one_is_refused() -> None:
    with pytest.raises(Infeasible):
        simplex.solve(_two_ways(lower=[2, 0]))


@pytest.mark.parametrize("word", ["high", "low"])
def test_costs_that_leave_no_room_for_prices_are_refused(word: str) -> None:
    fits = _two_ways(**{word: [2**57, 1]})

    assert simplex.solve(fits).amount.tolist() == [0, 1]
    with pytest.raises(Overflow):
        simplex.solve(replace(fits, **{word: np.array([2**58, 1])}))
