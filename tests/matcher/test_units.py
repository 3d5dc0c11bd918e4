from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import matcher
from matcher.folding.units import Units, units
from tests.matcher import worlds
from tests.matcher.worlds import a_doctor, a_patient

homes = st.lists(st.sampled_from([None, None, "a", "b", "c"]), max_size=10)


def members(whole: Units) -> list[list[int]]:
    return [part.tolist() for part in np.split(whole.person, whole.start[1:-1])][: whole.count]


def together(households: list[Any], **what_matters: Any) -> matcher.Problem:
    patients = [
        {**a_patient(f"P{row}", household=name), **what_matters.get(f"P{row}", {})}
        for row, name in enumerate(households)
    ]
    return worlds.asked(patients, [a_doctor("D"), a_doctor("E")], refused=[("P0", "D")])


@given(homes)
def test_everybody_is_in_one_unit_and_units_come_by_their_first_members(
    households: list[Any],
) -> None:
    found = members(units(together(households)))

    assert sorted(member for part in found for member in part) == list(range(len(households)))
    assert [part[0] for part in found] == sorted(part[0] for part in found)
    for part in found:
        names = {households[member] for member in part}
        assert part == sorted(part)
        assert len(names) == 1
        assert len(part) == (households.count(*names) if names != {None} else 1)


@given(homes.filter(bool), st.randoms())
def test_units_may_be_chosen_in_any_order(households: list[Any], order: Any) -> None:
    whole = units(together(households))
    which = list(range(whole.count))
    order.shuffle(which)

    chosen = whole.chosen(np.array(which[: len(which) // 2 + 1]))

    assert members(chosen) == [members(whole)[unit] for unit in which[: len(which) // 2 + 1]]
    assert chosen.first.tolist() == [part[0] for part in members(chosen)]
    assert chosen.size.tolist() == [len(part) for part in members(chosen)]


def test_what_is_promised_or_refused_to_one_member_concerns_the_unit() -> None:
    problem = together(["h", None, "h"], P2={"pinned": "E"})

    whole = units(problem)

    assert members(whole) == [[0, 2], [1]]
    assert whole.promised(problem).tolist() == [1, -1]
    assert [part.tolist() for part in whole.refused(problem)] == [[0], [0]]
    assert whole.households.tolist() == [0]
