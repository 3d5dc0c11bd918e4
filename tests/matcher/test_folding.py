import math
import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matcher
from matcher.folding import Fold, fold
from matcher.nearby import nearby
from tests.matcher import cramped, worlds
from tests.matcher.worlds import a_doctor, a_patient, north_by_km

Record = dict[str, Any]
Refused = list[tuple[str, str]]
Cost = tuple[int, int, int]
"""Scaled seconds, bands and gain per place."""

some_refused = st.lists(
    st.tuples(st.sampled_from(["P00", "P01", "P02", "gone"]), st.sampled_from(["D0", "D1"])),
    max_size=3,
)


def folded(problem: matcher.Problem) -> Fold:
    return fold(problem, nearby(problem, problem.doctors.places > 0))


def asked(
    patients: list[Record], doctors: list[Record], refused: Refused | None = None
) -> matcher.Problem:
    return matcher.from_records(
        patients, doctors, terms=cramped.TERMS, classes=3, refused=refused or []
    )


@dataclass(frozen=True)
class Unit:
    """One unit of a fold, read back the slow way."""

    type_: int
    group: int
    members: tuple[int, ...]
    costs: dict[int, Cost]
    """By row of doctor."""


def read(result: Fold) -> list[Unit]:
    network = result.network
    found: list[Unit] = []
    for group in range(network.groups):
        costs = _costs(result, group)
        for type_ in range(network.type_start[group], network.type_start[group + 1]):
            for unit in range(result.first_unit[type_], result.first_unit[type_ + 1]):
                span = slice(result.unit_start[unit], result.unit_start[unit + 1])
                found.append(Unit(type_, group, tuple(result.person[span].tolist()), costs))
    return found


def _costs(result: Fold, group: int) -> dict[int, Cost]:
    network = result.network
    first = int(network.start[network.row[group]])
    arcs = first + np.flatnonzero(network.serves(group))
    known = slice(int(network.usual_start[group]), int(network.usual_start[group + 1]))
    gain = dict(zip(network.usual_arc[known], network.usual_gain[known], strict=True))
    assert set(gain) <= set(arcs)
    return {
        int(network.doctor[arc]): (
            int(network.way_seconds[network.way[arc]]),
            int(network.way_bands[network.way[arc]]),
            int(gain.get(arc, 0)),
        )
        for arc in arcs
    }


def by_hand(
    unit: list[Record], doctors: list[Record], refused: Refused, scale: int
) -> dict[int, Cost]:
    """The doctors open to a unit and the cost of a place, from the records alone."""
    costs = {}
    for row, doctor in enumerate(doctors):
        pairs = {(member["id"], doctor["id"]) for member in unit}
        if not doctor["places"] or pairs & set(refused):
            continue
        if all(cramped.possible(member, doctor) for member in unit):
            ways = [cramped.way(member, doctor)[1] for member in unit]
            know = sum(member["usual_doctor"] == doctor["id"] for member in unit)
            share = scale // len(unit)
            bands = sum(way // 300 for way in ways)
            costs[row] = (share * sum(ways), share * bands, share * know)
    return costs


def households(patients: list[Record]) -> list[list[int]]:
    together: dict[Any, list[int]] = {}
    for row, patient in enumerate(patients):
        name = patient["household"]
        together.setdefault(("alone", row) if name is None else name, []).append(row)
    return list(together.values())


@settings(max_examples=150, deadline=None)
@given(patients=cramped.patients(8), doctors=cramped.doctors(4), refused=some_refused)
def test_every_unit_has_the_doctors_and_the_costs_that_its_members_have_by_hand(
    patients: list[Record], doctors: list[Record], refused: Refused
) -> None:
    result = folded(asked(patients, doctors, refused))
    scale = result.network.scale

    whole = households(patients)
    units = read(result)

    assert scale == math.lcm(*map(len, whole))
    assert sorted(unit.members for unit in units) == sorted(map(tuple, whole))
    for unit in units:
        records = [patients[member] for member in unit.members]
        assert unit.costs == by_hand(records, doctors, refused, scale)


@pytest.mark.parametrize("seed", range(20))
def test_families_that_start_apart_have_the_doctors_and_the_costs_by_hand(seed: int) -> None:
    rng = random.Random(seed)
    plain = {"age": None, "needs_wheelchair": None, "needs_home_visit": None, "languages": ()}
    patients, doctors = cramped.crowd(seed, 24, 4)
    for row, patient in enumerate(patients):
        latitude, longitude = rng.choice(cramped.SPOTS)
        patient |= {**plain, "latitude": latitude, "longitude": longitude}
        patient |= {"household": row // 2, "max_minutes": rng.choice([None, 12, 20])}
    refused = [(f"P{rng.randrange(24):03}", f"D{rng.randrange(4)}") for _ in range(6)]

    result = folded(asked(patients, doctors, refused))

    for unit in read(result):
        records = [patients[member] for member in unit.members]
        assert unit.costs == by_hand(records, doctors, refused, result.network.scale)


@settings(max_examples=150, deadline=None)
@given(patients=cramped.patients(8), doctors=cramped.doctors(4), refused=some_refused)
def test_types_say_what_their_units_are_and_come_cheapest_first(
    patients: list[Record], doctors: list[Record], refused: Refused
) -> None:
    result = folded(asked(patients, doctors, refused))
    network = result.network
    for unit in read(result):
        classes = Counter(patients[member]["priority_class"] for member in unit.members)
        assert network.type_size[unit.type_] == len(unit.members)
        assert network.type_classes[unit.type_].tolist() == [classes[rank] for rank in (1, 2, 3)]

    share = network.scale // network.type_size
    for group in range(network.groups):
        types = range(network.type_start[group], network.type_start[group + 1])
        left_out = [tuple(share[it] * network.type_classes[it]) for it in types]
        assert left_out == sorted(left_out)
        assert network.supply[group] == sum(network.type_room[it] for it in types) > 0
    assert network.type_units.tolist() == np.diff(result.first_unit).tolist()
    assert network.group_of_type.size == network.types


@settings(max_examples=100, deadline=None)
@given(patients=cramped.patients(8), doctors=cramped.doctors(4), refused=some_refused)
def test_the_table_is_in_the_order_that_the_engine_expects(
    patients: list[Record], doctors: list[Record], refused: Refused
) -> None:
    network = folded(asked(patients, doctors, refused)).network

    for row in range(network.start.size - 1):
        span = slice(int(network.start[row]), int(network.start[row + 1]))
        arcs = list(zip(network.way[span].tolist(), network.doctor[span].tolist(), strict=True))
        assert arcs == sorted(set(arcs))
        assert len({doctor for _, doctor in arcs}) == len(arcs)
    assert network.row.tolist() == sorted(network.row.tolist())
    assert network.start[-1] == network.doctor.size == network.way.size
    for column in (network.doctor, network.way, network.reach, network.row, network.kind):
        assert column.dtype == np.int32


@settings(max_examples=100, deadline=None)
@given(patients=cramped.patients(8), doctors=cramped.doctors(4), refused=some_refused)
def test_units_that_are_alike_are_of_one_type(
    patients: list[Record], doctors: list[Record], refused: Refused
) -> None:
    units = read(folded(asked(patients, doctors, refused)))

    types: dict[Any, set[int]] = {}
    groups: dict[Any, set[int]] = {}
    for unit in units:
        records = [patients[member] for member in unit.members]
        traits = tuple(sorted(repr(_traits(record, refused)) for record in records))
        classes = tuple(sorted(record["priority_class"] for record in records))
        types.setdefault((traits, classes), set()).add(unit.type_)
        groups.setdefault(traits, set()).add(unit.group)
    assert {len(same) for same in (*types.values(), *groups.values())} <= {1}


def _traits(patient: Record, refused: Refused) -> list[Any]:
    names = (
        "latitude", "longitude", "usual_doctor", "age", "needs_wheelchair", "needs_home_visit",
        "languages", "max_minutes",
    )  # fmt: skip
    lost = sorted({doctor for person, doctor in refused if person == patient["id"]})
    return [*(patient[name] for name in names), lost]


def groups_of(problem: matcher.Problem) -> dict[tuple[str, ...], int]:
    ids = problem.people.id
    return {tuple(ids[list(unit.members)].tolist()): unit.group for unit in read(folded(problem))}


def test_a_couple_alike_joins_the_persons_alone_of_its_home() -> None:
    couple = [a_patient(name, household="h", usual_doctor="D") for name in "AB"]
    alone = a_patient("C", usual_doctor="D", priority_class=2)

    group = groups_of(worlds.asked([*couple, alone], [a_doctor("D", places=3)]))

    assert group["A", "B"] == group["C",]


def test_a_household_goes_no_farther_than_its_least_mobile_member() -> None:
    members = [a_patient("A", household="h"), a_patient("B", household="h", max_minutes=10)]
    doctors = [a_doctor("D", **north_by_km(5)), a_doctor("E", **north_by_km(6))]

    (unit,) = read(folded(worlds.asked(members, doctors)))

    assert 5 * 1.3 / 40 * 60 < 10 < 6 * 1.3 / 40 * 60
    assert list(unit.costs) == [0]


def test_needs_of_a_household_that_amount_to_those_of_one_member_make_no_group_of_their_own() -> (
    None
):
    family = [a_patient("A", household="h"), a_patient("B", household="h", needs_wheelchair=True)]
    alone = a_patient("C", needs_wheelchair=True)
    doctors = [a_doctor("D", wheelchair=True), a_doctor("E")]

    group = groups_of(worlds.asked([*family, alone], doctors))

    assert group["A", "B"] == group["C",]


def test_whoever_was_refused_a_doctor_is_apart_from_the_neighbours() -> None:
    patients = [a_patient(name) for name in "ABCX"]
    refused = [("A", "D"), ("B", "D"), ("X", "E")]
    problem = worlds.asked(patients, [a_doctor("D"), a_doctor("E")], refused=refused)

    units = {unit.members: unit for unit in read(folded(problem))}

    assert list(units[0,].costs) == list(units[1,].costs) == [1]
    assert units[0,].type_ == units[1,].type_
    assert list(units[2,].costs) == [0, 1]
    assert list(units[3,].costs) == [0]


def test_units_of_a_type_come_in_the_order_of_their_first_members() -> None:
    patients = [a_patient(f"P{row}", household=row % 3) for row in range(6)]

    result = folded(worlds.asked(patients, [a_doctor("D")]))

    assert result.person.tolist() == [0, 3, 1, 4, 2, 5]
    assert result.unit_start.tolist() == [0, 2, 4, 6]
    assert result.first_unit.tolist() == [0, 3]


@settings(max_examples=50, deadline=None)
@given(patients=cramped.patients(8), doctors=cramped.doctors(4), order=st.randoms())
def test_the_order_of_records_changes_nothing(
    patients: list[Record], doctors: list[Record], order: Any
) -> None:
    first = folded(asked(patients, doctors))
    order.shuffle(patients)
    order.shuffle(doctors)
    second = folded(asked(patients, doctors))

    for one, other in ((first, second), (first.network, second.network)):
        for name, column in vars(one).items():
            if name != "network":
                assert np.array_equal(column, getattr(other, name)), name


@pytest.mark.parametrize(("patients", "doctors"), [(0, 0), (0, 2), (2, 0)])
def test_an_empty_side_folds_like_any_other(patients: int, doctors: int) -> None:
    result = folded(
        worlds.asked(
            [a_patient(f"P{row}") for row in range(patients)],
            [a_doctor(f"D{row}") for row in range(doctors)],
        )
    )

    assert result.network.groups == min(patients, 1)
    assert result.network.doctors == doctors
    assert result.network.doctor.size == 0
    assert result.person.tolist() == list(range(patients))


def test_narrow_and_repeated_columns_fold_like_wide_ones() -> None:
    problem = worlds.asked([a_patient(f"P{row}") for row in range(3)], [a_doctor("D", places=2)])
    people = vars(problem.people)
    narrow = {
        name: np.broadcast_to(column.astype(np.int8)[:1], column.shape)
        if name in {"priority_class", "age", "language_set"}
        else column.astype(np.int32)
        if column.dtype == np.int64
        else column
        for name, column in people.items()
    }
    same = matcher.Problem(
        matcher.People(**narrow),
        problem.homes,
        problem.doctors,
        problem.common_language,
        problem.terms,
        problem.classes,
    )

    one, other = folded(problem), folded(same)

    assert one.network.supply.tolist() == other.network.supply.tolist() == [3]
    assert one.person.tolist() == other.person.tolist()
