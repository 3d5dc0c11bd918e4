from dataclasses import replace

import numpy as np

from scheduler.flow.engine import certificate, simplex
from scheduler.flow.engine.network import Flow, Network

ASKED = Network(
    tail=np.array([0, 0, 1], np.int32),
    head=np.array([1, 2, 2], np.int32),
    lower=np.zeros(3, np.int64),
    upper=np.array([2, 2, 2]),
    high=np.array([0, 1, 0]),
    low=np.array([3, 0, 4]),
    supply=np.array([3, 0, -3]),
)
FOUND = simplex.solve(ASKED)


def _faults(**columns: list[int]) -> list[str]:
    changed = {name: np.array(column) for name, column in columns.items()}
    flow: Flow = replace(FOUND, **changed)
    return list(certificate.breaches(ASKED, flow))


def test_a_cheapest_flow_is_proven() -> None:
    assert FOUND.amount.tolist() == [2, 1, 2]
    assert _faults() == []


def test_a_dearer_flow_is_not_proven() -> None:
    assert _faults(amount=[1, 2, 1]) == ["the flow costs (2, 7), the prices prove (1, 14)"]


def test_other_prices_do_not_prove_it() -> None:
    assert len(_faults(low=[FOUND.low[0] + 1, *FOUND.low[1:]])) == 1


def test_an_arc_out_of_its_bounds_is_named() -> None:
    assert "arc 0 carries 3, out of its bounds" in _faults(amount=[3, 0, 3])


def test_a_node_that_loses_something_is_named() -> None:
    assert "node 1 sends out -1 and supplies 0" in _faults(amount=[2, 1, 1])
