from dataclasses import replace

import numpy as np
from hypothesis import given, settings

from scheduler.flow.engine import certificate, simplex
from scheduler.flow.engine.planting import plant
from scheduler.flow.sowing import sown
from scheduler.problem import Problem
from tests.scheduler import instances
from tests.scheduler.flow import drawing, tiny


@settings(max_examples=150, deadline=None, derandomize=True)
@given(asked=tiny.tiny())
def test_from_a_roster_by_hand_the_engine_reaches_what_it_reaches_from_nothing(
    asked: Problem,
) -> None:
    network = drawing.drawn(asked).network
    by_hand, from_nothing = (
        simplex.solve(network, sown(drawing.drawn(asked))),
        simplex.solve(network),
    )

    assert list(certificate.breaches(network, by_hand)) == []
    assert certificate.cost(network, by_hand) == certificate.cost(network, from_nothing)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(asked=tiny.tiny())
def test_the_tree_of_a_roster_by_hand_fits_the_network_as_it_is(asked: Problem) -> None:
    made = drawing.drawn(asked)
    start = sown(made)

    _, _, tree = plant(made.network, start, prohibitive=1)

    assert (tree.nodes["arc"][:-1] == start.arc).all()
    assert (tree.nodes["flow"][:-1][start.arc < 0] == 0).all()


def test_a_roster_by_hand_saves_half_of_the_pivots() -> None:
    asked = instances.a_quarter(1)
    made = drawing.drawn(replace(asked, points=np.ones_like(asked.points)))

    by_hand, from_nothing = simplex.solve(made.network, sown(made)), simplex.solve(made.network)

    assert 2 * by_hand.pivots < from_nothing.pivots
