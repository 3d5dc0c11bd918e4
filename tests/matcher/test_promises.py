import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matcher
from matcher.folding.promises import broken_promises
from matcher.folding.units import units
from matcher.solve import in_places
from tests.matcher import cramped, worlds
from tests.matcher.test_folding import asked, by_hand, folded, households, read
from tests.matcher.worlds import a_doctor, a_patient, north_by_km

Record = dict[str, Any]


def test_whoever_is_pinned_takes_places_with_the_whole_household_and_no_part_in_the_flow() -> None:
    family = [a_patient("A", household="h", pinned="D"), a_patient("B", household="h")]
    doctors = [a_doctor("D", places=3), a_doctor("E")]

    result = folded(worlds.asked([*family, a_patient("C")], doctors))

    assert result.network.taken.tolist() == [2, 0]
    assert result.network.places.tolist() == [3, 1]
    assert result.person.tolist() == [2]
    assert result.type_of_person(3).tolist() == [-1, -1, 0]
    assert result.network.scale == 1


@pytest.mark.parametrize(
    ("patient", "doctor", "why"),
    [
        ({}, {"places": 0}, "offers 0 places"),
        ({"needs_wheelchair": True}, {}, "breaks the rule wheelchair"),
        ({"household": "h"}, {}, "offers 1 places"),
        ({}, north_by_km(15.1), "breaks the rule beyond_radius"),
        ({"max_minutes": 5}, north_by_km(14), "breaks the rule beyond_personal_limit"),
    ],
)
def test_a_promise_that_cannot_be_kept_is_refused_with_both_names(
    patient: Record, doctor: Record, why: str
) -> None:
    patients = [
        {**a_patient("Ada", pinned="Doc"), **patient},
        {**a_patient("Bea"), "household": patient.get("household")},
    ]
    problem = worlds.asked(patients, [{**a_doctor("Doc"), **doctor}])

    with pytest.raises(matcher.Refused, match=rf"person Ada is promised to doctor Doc.*{why}"):
        folded(problem)


def test_a_promise_of_a_refused_pair_is_refused() -> None:
    problem = worlds.asked([a_patient("A", pinned="D")], [a_doctor("D")], refused=[("A", "D")])

    with pytest.raises(matcher.Refused, match="breaks the rule refused"):
        folded(problem)


@settings(max_examples=100, deadline=None)
@given(
    patients=cramped.patients(8),
    doctors=cramped.doctors(4),
    choice=st.lists(st.integers(0, 3), min_size=8, max_size=8),
)
def test_promises_that_can_be_kept_are_taken_out_and_change_nothing_else(
    patients: list[Record], doctors: list[Record], choice: list[int]
) -> None:
    left = {row: doctor["places"] for row, doctor in enumerate(doctors)}
    pinned: dict[int, int] = {}
    for unit, wish in zip(households(patients), choice, strict=False):
        able = by_hand([patients[member] for member in unit], doctors, [], math.lcm(1, len(unit)))
        if wish in able and left[wish] >= len(unit):
            left[wish] -= len(unit)
            pinned[unit[-1]] = wish
    promised = [
        {**patient, "pinned": doctors[pinned[row]]["id"] if row in pinned else None}
        for row, patient in enumerate(patients)
    ]

    result = folded(asked(promised, doctors))

    taken = {row: doctor["places"] - left[row] for row, doctor in enumerate(doctors)}
    assert result.network.taken.tolist() == list(taken.values())
    free = [unit for unit in households(patients) if not pinned.keys() & set(unit)]
    units = read(result)
    assert sorted(unit.members for unit in units) == sorted(map(tuple, free))
    for unit in units:
        records = [patients[member] for member in unit.members]
        assert unit.costs == by_hand(records, doctors, [], result.network.scale)


def test_every_broken_promise_is_told_with_the_rule() -> None:
    patients = [
        a_patient("A", household="h", pinned="D", age=4),
        a_patient("B", household="h", languages=("uk",)),
        a_patient("C", pinned="E"),
    ]
    doctors = [a_doctor("D", places=2, min_age=16), a_doctor("E")]
    problem = worlds.asked(patients, doctors, refused=[("B", "D")])

    broken = set(broken_promises(problem, units(problem)))

    assert broken == {(0, 0, "age"), (1, 0, "language"), (1, 0, "refused")}


def test_the_bound_counts_everybody_of_a_household_of_which_one_is_promised() -> None:
    family = [a_patient("A", household="h", pinned="D"), a_patient("B", household="h")]

    answer = matcher.solve(worlds.asked([*family, a_patient("C")], [a_doctor("D", places=3)]))

    assert in_places(answer.proof) == answer.values
    assert sum(answer.values.matched) == 3
