import dataclasses

import numpy as np
import pytest

from matcher.engine import layout, passes, planting
from matcher.engine.pricing import EVERY_DOCTOR, FURTHER
from matcher.network import ANY_WAY, SEGMENTS, Costs, Network
from tests.matcher.engine import networks


def crowd(classes: list[list[int]], places: int) -> Network:
    """One group of units, told by the persons of each class in them, beside one doctor."""
    units = np.array(classes)
    size = units.sum(axis=1)
    one, few = np.array([0, 1]), np.zeros(1, np.int32)
    return Network(
        scale=1,
        start=one,
        doctor=few,
        way=few,
        way_seconds=np.array([60]),
        way_bands=np.array([0]),
        reach=np.full((1, 1), ANY_WAY, np.int32),
        places=np.array([places]),
        taken=np.array([0]),
        row=few,
        kind=few,
        limit=few,
        supply=size.sum(keepdims=True),
        usual_start=np.zeros(2, np.int64),
        usual_arc=np.zeros(0, np.int64),
        usual_gain=np.zeros(0, np.int64),
        type_start=np.array([0, size.size]),
        type_size=size,
        type_units=np.ones(size.size, np.int64),
        type_classes=units,
    )


def costs(high: list[int], low: list[int]) -> Costs:
    return Costs(np.array([1]), (0, 0), np.array(high), np.array(low), np.zeros(SEGMENTS, np.int64))


@pytest.mark.parametrize(
    ("places", "late"),
    [
        (4, [False, False, False]),
        (3, [True, False, False]),
        (2, [True, False, False]),
        (1, [True, True, False]),
        (0, [True, True, True]),
    ],
)
def test_the_classes_that_there_are_no_places_for_come_later(places: int, late: list[bool]) -> None:
    network = crowd([[0, 0, 2], [0, 1, 0], [1, 0, 0]], places)

    assert layout.latecomers(network, costs([0, 1, 2], [9, 0, 0])).tolist() == late


def test_whom_it_costs_no_more_to_leave_than_a_latecomer_comes_later_too() -> None:
    network = crowd([[0, 2, 2], [0, 0, 1], [0, 1, 0]], 5)
    cheap_in_company = costs([1, 1, 1], [3, 4, 5])

    assert layout.latecomers(network, cheap_in_company).tolist() == [True, True, False]


def test_as_long_as_they_are_to_come_later_they_may_stay_for_nothing() -> None:
    network, cost = crowd([[0, 1], [1, 0]], 1), costs([1, 2], [3, 4])
    tree = layout.seeds(network, cost)

    layout.set_stay(tree, cost, np.array([True, False]))

    assert tree.sinks[["high", "low"]][:2].tolist() == [(0, 0), (2, 4)]
    layout.set_stay(tree, cost)
    assert tree.sinks[["high", "low"]][:2].tolist() == [(1, 3), (2, 4)]


def test_passes_over_near_doctors_end_without_looking_at_whole_rows() -> None:
    net = networks.network(3, groups=120, doctors=70, rows=30)
    net = dataclasses.replace(net, places=net.places + 1)
    cost = networks.costs(net, 3)
    arcs = layout.arcs(net, cost, None)
    ends = {}
    for widest in (FURTHER, EVERY_DOCTOR):
        tree = layout.seeds(net, cost)
        layout.hang(net, tree.nodes, None)
        planting.plant(arcs.table, tree, net.supply)
        *_, ends[widest] = passes.passes(arcs.table, tree, None, widest=widest)

    assert 0 < ends[FURTHER] < ends[EVERY_DOCTOR]
