import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import matcher
from matcher import certificate, folding, levels, nearby
from matcher.engine import successive
from matcher.network import Costs, Flow, Network
from tests.matcher import cramped, worlds
from tests.matcher.worlds import a_doctor, a_patient, north_by_km

Words = tuple[int, int]
Way = tuple[int, int, int]
"""An arc to a doctor: group, position in the table, position in ``usual_arc`` or -1."""

Sink = tuple[Words, Words, int, int]
"""An arc to the sink: its cost, the price where it begins, what it carries, its room."""

COLUMNS = (
    *("group", "arc", "usual", "amount", "stay"),
    *("group_high", "group_low", "doctor_high", "doctor_low"),
)


def optimum(problem: matcher.Problem) -> tuple[Network, Costs, Flow]:
    network = folding.fold(problem, nearby.nearby(problem, problem.doctors.places > 0)).network
    goals = levels.levels(network)
    costs = levels.costs(network, goals)
    return network, costs, successive.solve(network, goals, costs)


def a_round() -> tuple[Network, Costs, Flow]:
    """Five people, one of whom knows the far doctor and one of whom cannot climb the stairs, for
    four places: somebody of the last class stays."""
    patients = [
        a_patient("A", priority_class=1, usual_doctor="far"),
        a_patient("B", priority_class=2, needs_wheelchair=True),
        *(a_patient(name, priority_class=3) for name in "CDE"),
    ]
    doctors = [
        a_doctor("far", **north_by_km(5)),
        a_doctor("near", **north_by_km(1), places=2, wheelchair=True),
        a_doctor("stairs"),
    ]
    return optimum(worlds.asked(patients, doctors))


def changed(flow: Flow, column: str, row: int, by: int) -> Flow:
    values = getattr(flow, column).copy()
    values[row] += by
    return dataclasses.replace(flow, **{column: values})


def carrying(flow: Flow, rows: list[int], amount: list[int]) -> Flow:
    kept = {name: getattr(flow, name)[rows] for name in ("group", "arc", "usual")}
    return dataclasses.replace(flow, **kept, amount=np.array(amount, dtype=np.int64))


def proves(network: Network, costs: Costs, flow: Flow) -> bool:
    """What the certificate says, one arc and one place at a time."""
    ways = {
        (group, *way): cost
        for group in range(network.groups)
        for way, cost in ways_of(network, costs, group).items()
    }
    told = list(zip(flow.group.tolist(), flow.arc.tolist(), flow.usual.tolist(), strict=True))
    amount = dict(zip(told, flow.amount.tolist(), strict=True))
    if len(amount) < len(told) or not set(told) <= set(ways) or min(amount.values(), default=1) < 1:
        return False
    sinks = [*stays(network, costs, flow), *places(network, costs, flow, amount)]
    full = all(0 <= used <= room for *_, used, room in sinks)
    return full and all_there(network, flow, amount) and tight(network, flow, ways, amount, sinks)


def all_there(network: Network, flow: Flow, amount: dict[Way, int]) -> bool:
    supply = network.supply.tolist()
    for (group, *_), number in amount.items():
        supply[group] -= number
    for group, number in zip(network.group_of_type.tolist(), flow.stay.tolist(), strict=True):
        supply[group] -= number
    return not any(supply)


def tight(
    network: Network, flow: Flow, ways: dict[Way, Words], amount: dict[Way, int], sinks: list[Sink]
) -> bool:
    price = list(zip(flow.group_high.tolist(), flow.group_low.tolist(), strict=True))
    at = list(zip(flow.doctor_high.tolist(), flow.doctor_low.tolist(), strict=True))
    reduced = [
        plus(plus(cost, price[group]), at[network.doctor[arc]], -1)
        for (group, arc, _), cost in ways.items()
    ]
    spent = bound = (0, 0)
    for way, number in amount.items():
        spent = plus(spent, ways[way], number)
    for cost, mine, used, room in sinks:
        spent = plus(spent, cost, used)
        bound = plus(bound, min((0, 0), plus(cost, mine)), room)
    for mine, number in zip(price, network.supply.tolist(), strict=True):
        bound = plus(bound, mine, -number)
    return min(reduced, default=(0, 0)) >= (0, 0) and spent == bound


def plus(first: Words, second: Words, times: int = 1) -> Words:
    return first[0] + times * second[0], first[1] + times * second[1]


def ways_of(network: Network, costs: Costs, group: int) -> dict[tuple[int, int], Words]:
    """Of each position that serves the group, and each usual doctor: the cost."""
    row, cost = int(network.row[group]), {}
    for arc in range(network.start[row], network.start[row + 1]):
        reach = network.reach[network.kind[group], network.doctor[arc]]
        if network.way[arc] <= min(network.limit[group], reach):
            cost[arc, -1] = (0, int(costs.way[network.way[arc]]))
    for usual in range(network.usual_start[group], network.usual_start[group + 1]):
        arc, gain = int(network.usual_arc[usual]), int(network.usual_gain[usual])
        cost[arc, usual] = plus(cost[arc, -1], costs.usual, gain)
    return cost


def stays(network: Network, costs: Costs, flow: Flow) -> Iterator[Sink]:
    for type_, group in enumerate(network.group_of_type.tolist()):
        cost = int(costs.stay_high[type_]), int(costs.stay_low[type_])
        price = int(flow.group_high[group]), int(flow.group_low[group])
        yield cost, price, int(flow.stay[type_]), int(network.type_room[type_])


def places(network: Network, costs: Costs, flow: Flow, amount: dict[Way, int]) -> Iterator[Sink]:
    for doctor, (all_, taken) in enumerate(zip(network.places, network.taken, strict=True)):
        load = sum(
            number for (_, arc, _), number in amount.items() if network.doctor[arc] == doctor
        )
        price = int(flow.doctor_high[doctor]), int(flow.doctor_low[doctor])
        for nth in range(int(taken) + 1, int(all_) + 1):
            cost = 0, int(costs.segment[-(-10 * nth // int(all_)) - 1])
            yield cost, price, int(nth - taken <= load), 1
        yield (0, 0), price, max(0, load - int(all_ - taken)), 0


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(patients=cramped.patients(12), doctors=cramped.doctors(4), data=st.data())
def test_what_is_proven_is_what_is_proven_arc_by_arc_however_the_answer_is_changed(
    patients: list[dict[str, Any]], doctors: list[dict[str, Any]], data: st.DataObject
) -> None:
    problem = matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3)
    network, costs, flow = optimum(problem)
    assert list(certificate.breaches(network, costs, flow)) == []
    assert proves(network, costs, flow)

    for column in COLUMNS:
        rows = getattr(flow, column).size
        if rows:
            row, by = data.draw(st.integers(0, rows - 1)), data.draw(st.sampled_from([-1, 1, 500]))
            worse = changed(flow, column, row, by)
            found = list(certificate.breaches(network, costs, worse))
            assert (found == []) == proves(network, costs, worse), column


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("by", [-1, 1])
def test_any_number_changed_by_one_is_caught(column: str, by: int) -> None:
    network, costs, flow = a_round()
    assert list(certificate.breaches(network, costs, flow)) == []

    for row in range(getattr(flow, column).size):
        assert list(certificate.breaches(network, costs, changed(flow, column, row, by)))


def test_who_goes_nowhere_and_who_goes_twice_is_missed() -> None:
    network, costs, flow = a_round()
    everyone = list(range(flow.group.size))

    missing = carrying(flow, everyone[1:], flow.amount[1:].tolist())
    twice = carrying(flow, [0, *everyone], [0, *flow.amount.tolist()])
    halved = carrying(flow, [0, 0], [1, 1])

    assert list(certificate.breaches(network, costs, missing)) == ["a group is not all there"]
    assert "an arc is named twice" in list(certificate.breaches(network, costs, twice))
    assert "an arc is named twice" in list(certificate.breaches(network, costs, halved))


def test_a_flow_that_keeps_the_rules_at_a_higher_cost_is_not_proven() -> None:
    network, costs, flow = a_round()
    nobody = dataclasses.replace(carrying(flow, [], []), stay=network.type_room)

    (found,) = certificate.breaches(network, costs, nobody)

    assert found.startswith("the flow costs")


def test_a_doctor_out_of_reach_is_no_way_out() -> None:
    network, costs, flow = a_round()
    nobody_reaches = dataclasses.replace(network, limit=np.full_like(network.limit, -1))

    found = list(certificate.breaches(nobody_reaches, costs, flow))

    assert found == ["a group goes to a doctor who does not serve it"]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_must_hold_the_right_number_of_whole_numbers(column: str) -> None:
    network, costs, flow = a_round()
    values = getattr(flow, column)

    for wrong in (values.astype(np.float64), np.append(values, 0), values.astype(np.int32)):
        claim = dataclasses.replace(flow, **{column: wrong})
        assert "whole numbers" in next(certificate.breaches(network, costs, claim))


def test_numbers_too_large_for_exact_sums_are_refused() -> None:
    network, costs, flow = a_round()
    sold_out = dataclasses.replace(network, places=network.places + 2**31)

    for by in (2**60 + 1, -(2**60) - 1):
        claim = dataclasses.replace(flow, group_high=np.full_like(flow.group_high, by))
        assert "too large" in next(certificate.breaches(network, costs, claim))
    dear = dataclasses.replace(costs, usual=(-(2**61), 0))
    assert "too large" in next(certificate.breaches(network, dear, flow))
    assert "too many places" in next(certificate.breaches(sold_out, costs, flow))


def test_sums_are_exact_where_products_exceed_a_word() -> None:
    cost = np.array([2**60, -(2**60), 2**61 - 1, -(2**61), -1])
    amount = np.array([2**28, 3, 2**30, 2**29, 7])

    assert certificate._total(cost, amount) == sum(
        one * many for one, many in zip(cost.tolist(), amount.tolist(), strict=True)
    )


@pytest.mark.parametrize("chunk", [1, 2, 7])
def test_the_table_may_be_cut_anywhere(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    patients, doctors = cramped.crowd(3, people=40, practices=6)
    network, costs, flow = optimum(
        matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3)
    )
    worse = changed(flow, "group_low", 0, -(10**6))
    whole = list(certificate.breaches(network, costs, worse))

    monkeypatch.setattr(certificate, "CHUNK", chunk)

    assert list(certificate.breaches(network, costs, flow)) == []
    assert list(certificate.breaches(network, costs, worse)) == whole != []
