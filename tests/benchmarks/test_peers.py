from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import ours, peers, territories
from benchmarks.ours import Instance
from benchmarks.peers import Graph, Optimum

VILLAGE = replace(territories.NANCY, name="village", people=600, doctors=8, cells=25, side_km=30.0)
ON_GROUPS = (peers.flow, peers.programme, peers.network_simplex)
ON_PEOPLE = (peers.flow, peers.assignment)


@pytest.fixture(scope="module", params=[0.7, 1.3], ids=["short", "ample"])
def instance(request: pytest.FixtureRequest) -> Instance:
    return Instance(VILLAGE, request.param)


@pytest.fixture(scope="module")
def asked(instance: Instance) -> ours.Round:
    return ours.of_two_goals(ours.folded(instance.problem()))


@pytest.fixture(scope="module")
def best(asked: ours.Round) -> Optimum:
    return ours.optimum(asked, asked.solved())


@pytest.mark.parametrize("peer", ON_GROUPS)
def test_every_peer_on_groups_finds_our_optimum(
    peer: Callable[[Graph], Optimum], asked: ours.Round, best: Optimum
) -> None:
    assert peer(peers.written_down(asked.network)) == best


@pytest.mark.parametrize("peer", ON_PEOPLE)
def test_every_peer_on_people_one_by_one_finds_our_optimum(
    peer: Callable[[Graph], Optimum], asked: ours.Round, best: Optimum
) -> None:
    assert peer(peers.one_by_one(peers.written_down(asked.network))) == best


def test_by_hand_nobody_exceeds_the_places_and_nothing_is_better(
    asked: ours.Round, best: Optimum
) -> None:
    found = peers.by_hand(peers.written_down(asked.network))

    assert sum(found.matched) <= asked.network.places.sum()
    assert found.matched <= best.matched
    assert found.matched < best.matched or found.travel_seconds >= best.travel_seconds


def test_one_by_one_everybody_has_the_doctors_of_the_group(asked: ours.Round) -> None:
    graph = peers.written_down(asked.network)
    people = peers.one_by_one(graph)

    of_type = np.repeat(np.arange(graph.type_group.size), graph.type_people)
    for person in (0, of_type.size // 2, of_type.size - 1):
        own, group = people.group == person, graph.group == graph.type_group[of_type[person]]
        assert people.doctor[own].tolist() == graph.doctor[group].tolist()
        assert people.seconds[own].tolist() == graph.seconds[group].tolist()


def test_a_step_between_classes_outweighs_the_longest_way_at_every_doctor(
    asked: ours.Round,
) -> None:
    graph = peers.written_down(asked.network)
    weights = np.unique(graph.weight)

    assert np.diff(weights).min() > graph.places.size * graph.seconds.max()
    assert weights.min() > graph.places.size * graph.seconds.max()


def test_every_level_in_turn_ends_where_one_solve_does(instance: Instance) -> None:
    asked = ours.of_every_goal(ours.folded(instance.problem(acquainted=0.3)))

    assert ours.in_turn(asked) == ours.every_level(asked)


def test_all_the_way_ends_at_the_optimum_with_every_phase_timed(
    instance: Instance, best: Optimum
) -> None:
    phases = ours.all_in(instance.problem())

    assert phases.optimum == best
    assert 0 < phases.solve < phases.solve + phases.proof < phases.all_in
    assert phases.floor > 0


def test_the_solve_alone_ends_at_the_same_optimum(asked: ours.Round, best: Optimum) -> None:
    assert ours.solved(asked) == best


def test_no_pair_has_a_negative_reduced_cost_at_the_optimum(asked: ours.Round) -> None:
    flow = asked.solved()

    assert ours.priced(asked.network, asked.costs, flow) == 0
    assert ours.priced(asked.network, asked.costs, replace(flow, group_low=flow.group_low - 1)) < 0


def test_after_an_event_the_former_tree_leads_to_the_same_optimum(asked: ours.Round) -> None:
    for event in ours.events(asked):
        assert event.warm > 0
        assert event.cold > 0


def test_whole_households_are_never_better_than_the_flow_that_splits_them(
    instance: Instance,
) -> None:
    kept = ours.kept_together(ours.of_two_goals(ours.folded(instance.problem(together=0.4))))

    assert kept.short >= (0,) * 6
    assert any(kept.short) or kept.travel_seconds >= kept.bound_seconds


def test_without_households_nothing_is_short_of_the_bound(asked: ours.Round, best: Optimum) -> None:
    kept = ours.kept_together(asked)

    assert kept == ours.Kept((0,) * 6, best.travel_seconds, best.travel_seconds, proven=True)
