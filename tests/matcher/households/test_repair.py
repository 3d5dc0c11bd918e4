from dataclasses import replace

import numpy as np
import pytest

import matcher
from matcher import households
from matcher.households import columns, islands, packing, repair
from matcher.households.columns import FAR
from matcher.households.packing import Given
from matcher.households.programme import Effort
from matcher.households.repair import Task
from matcher.problem import Flags
from matcher.solve import prove
from tests.matcher import cramped

NOTHING = Effort(nodes=1, seconds=0.0)


def task(seed: int, people: int, practices: int, effort: Effort) -> Task:
    patients, doctors = cramped.crowd(seed, people=people, practices=practices)
    problem = matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3)
    proof = prove(problem)
    return Task(proof.fold.network, proof.goals, proof.costs, proof.flow, effort)


def settled(of: Task) -> Given:
    given, failing = packing.pack(of.network, of.costs, of.flow)
    assert failing.any()
    return repair.settled(of, given, failing, np.ones_like(failing))


def left_out(of: Task) -> Given:
    """The groups that do not pack, all of them."""
    given, failing = packing.pack(of.network, of.costs, of.flow)
    return islands.without(of.network, given, failing[of.network.group_of_type])


def empty(of: Task, given: Given) -> Flags:
    return given.load(of.network) + of.network.taken < of.network.places


@pytest.mark.parametrize("seed", [2, 4, 7, 10])
def test_no_place_is_left_empty_that_somebody_alone_who_waits_could_have(seed: int) -> None:
    of = task(seed, people=200, practices=8, effort=Effort())

    given = settled(of)

    network = of.network
    alone = (given.left > 0) & (network.type_size == 1)
    ways = columns.every(network, np.unique(network.group_of_type[alone]))
    assert not empty(of, given)[network.doctor[ways.arc]].any()


@pytest.mark.parametrize("seed", [0, 9, 10])
def test_without_any_effort_the_answer_is_no_worse_than_leaving_out_those_who_fail(
    seed: int,
) -> None:
    of = task(seed, people=200, practices=8, effort=NOTHING)

    assert of.rank(settled(of)) <= of.rank(left_out(of))


@pytest.mark.parametrize("seed", [0, 9, 10])
def test_a_small_round_keeps_its_repaired_answer_where_no_effort_is_left_for_a_better_one(
    seed: int,
) -> None:
    of = task(seed, people=200, practices=8, effort=NOTHING)

    whole = households.keep_together(of.network, of.goals, of.costs, of.flow, of.effort)

    classes = of.network.type_classes
    assert not whole.proven
    assert (whole.left_out @ classes).tolist() <= (left_out(of).left @ classes).tolist()


def test_leaving_a_person_out_weighs_more_than_anything_below() -> None:
    of = task(0, people=200, practices=8, effort=Effort())

    usual = -of.costs.usual[1] * int(of.network.usual_gain.max())
    assert of.person > usual + int(of.costs.way.max()) + int(of.costs.segment.max())


def test_a_person_weighs_as_much_as_a_loss_can_where_the_high_word_counts_people() -> None:
    of = task(0, people=60, practices=5, effort=Effort())
    high = np.ones_like(of.costs.stay_high)

    assert replace(of, costs=replace(of.costs, stay_high=high)).person == FAR
