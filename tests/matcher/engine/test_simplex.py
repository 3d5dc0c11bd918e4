import dataclasses

import numpy as np
import pytest

from matcher import certificate
from matcher.engine import passes, simplex
from matcher.engine.layout import Arcs
from matcher.network import Basis, Costs, Flow, Network
from tests.matcher.engine import networks


def equal(one: Flow, other: Flow) -> bool:
    columns = ("group", "arc", "usual", "amount", "stay", "group_high", "group_low", "doctor_low")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in columns)


def as_read(basis: Basis | None) -> Arcs:
    assert basis is not None
    assert isinstance(basis.arcs, Arcs)
    return basis.arcs


@pytest.mark.parametrize("seed", range(300))
def test_the_optimum_of_a_cramped_network_is_proven_and_is_that_of_or_tools(seed: int) -> None:
    net = networks.network(seed)
    cost = networks.costs(net, seed)

    flow = simplex.solve(net, cost)

    assert list(certificate.breaches(net, cost, flow)) == []
    assert networks.value(net, cost, flow) == networks.cheapest(net, cost)


@pytest.mark.parametrize("seed", range(12))
def test_long_rows_are_priced_to_their_end(seed: int) -> None:
    net = networks.network(seed, groups=120, doctors=70, rows=30)
    cost = networks.costs(net, seed)

    flow = simplex.solve(net, cost)

    assert list(certificate.breaches(net, cost, flow)) == []
    assert networks.value(net, cost, flow) == networks.cheapest(net, cost)


@pytest.mark.parametrize("seed", range(200))
def test_any_basis_of_another_network_leads_to_the_optimum_too(seed: int) -> None:
    before, net = networks.network(seed), networks.network(1000 + seed)
    cost = networks.costs(net, seed)
    start = simplex.solve(before, networks.costs(before, seed)).basis

    flow = simplex.solve(net, cost, start=start)

    assert list(certificate.breaches(net, cost, flow)) == []
    assert networks.value(net, cost, flow) == networks.cheapest(net, cost)


@pytest.mark.parametrize("seed", range(60))
def test_after_a_change_the_former_basis_leads_to_the_optimum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    net = networks.network(seed, groups=40, doctors=15, rows=20)
    cost = networks.costs(net, seed)
    start = simplex.solve(net, cost).basis
    gone, more = rng.integers(0, net.doctors, 2)
    places = net.places.copy()
    places[more] += 5
    places[gone] = 0
    reach = net.reach.copy()
    reach[:, gone] = -1
    changed = dataclasses.replace(net, places=places, taken=0 * places, reach=reach)
    changed = networks.with_usual_doctors(changed, rng)

    flow = simplex.solve(changed, cost, start=start)

    assert list(certificate.breaches(changed, cost, flow)) == []
    assert networks.value(changed, cost, flow) == networks.cheapest(changed, cost)


@pytest.mark.parametrize("seed", range(40))
def test_after_places_open_and_close_the_arcs_are_not_read_again(seed: int) -> None:
    rng = np.random.default_rng(seed)
    net = networks.network(seed, groups=120, doctors=70, rows=30)
    cost = networks.costs(net, seed)
    basis = simplex.solve(net, cost).basis
    for _ in range(3):
        gone, more = rng.integers(0, net.doctors, 2)
        places = net.places.copy()
        places[more] += 5
        places[gone] = net.taken[gone]
        changed = dataclasses.replace(net, places=places)

        flow = simplex.solve(changed, cost, start=basis)

        assert list(certificate.breaches(changed, cost, flow)) == []
        assert networks.value(changed, cost, flow) == networks.cheapest(changed, cost)
        assert as_read(flow.basis).table is as_read(basis).table
        net, basis = changed, flow.basis


def test_other_costs_are_read_though_the_arcs_are_the_same() -> None:
    net = networks.network(4, groups=40, doctors=15, rows=20)
    basis = simplex.solve(net, networks.costs(net, 4)).basis
    cost = networks.costs(net, 5)

    flow = simplex.solve(net, cost, start=basis)

    assert list(certificate.breaches(net, cost, flow)) == []
    assert networks.value(net, cost, flow) == networks.cheapest(net, cost)


def test_from_the_basis_of_the_optimum_nothing_moves() -> None:
    net = networks.network(3, groups=40, doctors=15, rows=20)
    cost = networks.costs(net, 3)
    flow = simplex.solve(net, cost)

    assert equal(simplex.solve(net, cost, start=flow.basis), flow)


def test_a_basis_that_names_no_arc_of_the_network_is_as_good_as_none() -> None:
    net = networks.network(5)
    cost = networks.costs(net, 5)
    nodes = net.groups + net.doctors + 1
    parent = np.arange(nodes, dtype=np.int32)[::-1].copy()
    prices = np.zeros(nodes, np.int64)
    nonsense = Basis(parent, np.full(nodes, 10**9), np.full(nodes, 99, np.int32), prices, prices)

    flow = simplex.solve(net, cost, start=nonsense)

    assert networks.value(net, cost, flow) == networks.cheapest(net, cost)


@pytest.mark.parametrize(("groups", "doctors"), [(0, 0), (0, 3), (3, 0), (1, 1), (4, 1)])
def test_next_to_nobody_is_no_trouble(groups: int, doctors: int) -> None:
    for seed in range(20):
        net = networks.network(seed, groups=groups, doctors=doctors, rows=2)
        cost = networks.costs(net, seed)

        flow = simplex.solve(net, cost)

        assert networks.value(net, cost, flow) == networks.cheapest(net, cost)


def with_an_empty_row_first() -> tuple[Network, Costs]:
    """Two lonely groups, and one that has a doctor with a place next door."""
    net = Network(
        scale=1,
        start=np.array([0, 0, 1]),
        doctor=np.array([0], np.int32),
        way=np.array([1], np.int32),
        way_seconds=np.arange(2),
        way_bands=np.zeros(2, np.int64),
        reach=np.full((1, 1), 9, np.int32),
        places=np.array([1]),
        taken=np.array([0]),
        row=np.array([0, 0, 1], np.int32),
        kind=np.zeros(3, np.int32),
        limit=np.full(3, 9, np.int32),
        supply=np.ones(3, np.int64),
        usual_start=np.zeros(4, np.int64),
        usual_arc=np.zeros(0, np.int64),
        usual_gain=np.zeros(0, np.int64),
        type_start=np.arange(4),
        type_size=np.ones(3, np.int64),
        type_units=np.ones(3, np.int64),
        type_classes=np.ones((3, 1), np.int64),
    )
    nothing = np.zeros(3, np.int64)
    return net, Costs(np.arange(2), (0, 0), nothing + 1, nothing, np.zeros(10, np.int64))


def test_what_is_learnt_of_an_empty_row_is_not_taken_for_the_next_one() -> None:
    flow = simplex.solve(*with_an_empty_row_first())

    assert flow.group.tolist() == [2]
    assert flow.stay.tolist() == [1, 1, 0]


def test_places_left_without_doctor_are_those_of_the_cheapest_types() -> None:
    net, cost = with_an_empty_row_first()
    two = dataclasses.replace(
        net,
        supply=np.array([1, 1, 3]),
        type_start=np.array([0, 1, 2, 4]),
        type_size=np.array([1, 1, 2, 1]),
        type_units=np.ones(4, np.int64),
        type_classes=np.ones((4, 1), np.int64),
    )
    dearer = dataclasses.replace(
        cost, stay_high=np.array([1, 1, 1, 2]), stay_low=np.zeros(4, np.int64)
    )

    assert simplex.solve(two, dearer).stay.tolist() == [1, 1, 2, 0]


def test_the_same_network_gives_the_same_answer_however_often_it_is_interrupted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    net = networks.network(7, groups=40, doctors=15, rows=20)
    cost = networks.costs(net, 7)
    flow = simplex.solve(net, cost)

    monkeypatch.setattr(passes, "VISITS", 1)

    assert equal(simplex.solve(net, cost), flow)


def test_whoever_watches_sees_the_share_grow_and_may_stop_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    net = networks.network(7, groups=40, doctors=15, rows=20)
    cost = networks.costs(net, 7)
    shares: list[float] = []
    monkeypatch.setattr(passes, "VISITS", 10)

    simplex.solve(net, cost, watch=shares.append)

    def stop(share: float) -> None:
        raise KeyboardInterrupt(share)

    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] < 1
    with pytest.raises(KeyboardInterrupt):
        simplex.solve(net, cost, watch=stop)


def test_arrays_that_may_not_be_written_are_read_only() -> None:
    net = networks.network(11)
    cost = networks.costs(net, 11)
    flow = simplex.solve(net, cost)
    for column in dataclasses.fields(net):
        array = getattr(net, column.name)
        if isinstance(array, np.ndarray):
            array.flags.writeable = False

    assert equal(simplex.solve(net, cost), flow)


def test_costs_that_leave_no_room_for_prices_are_refused() -> None:
    net, cost = with_an_empty_row_first()
    huge = dataclasses.replace(cost, stay_high=cost.stay_high + 2**62)

    with pytest.raises(AssertionError, match="no room for prices"):
        simplex.solve(net, huge)
