import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matcher
from matcher import rules
from matcher.check import OBEYED, _alike
from tests.matcher import cramped, worlds
from tests.matcher.worlds import a_doctor, a_patient, north_by_km

Records = list[dict[str, Any]]


def answer(problem: matcher.Problem, given: list[int], **claims: Any) -> matcher.Matching:
    """An answer that proposes a row of doctors (or -1) to each person, and claims what is true."""
    terms = problem.terms
    ways = [
        -1
        if doctor < 0
        else round(
            matcher.kilometres_between(problem, person, doctor)
            * terms.detour
            / terms.speed_kmh
            * 3600
        )
        for person, doctor in enumerate(given)
    ]
    changed = dataclasses.replace(
        matcher.solve(problem),
        doctor=np.array(given, dtype=np.int64),
        travel_seconds=np.array(ways, dtype=np.int64),
        status=matcher.Status.OPTIMAL,
    )
    values = matcher.recount(problem, changed)
    return dataclasses.replace(changed, **{"values": values, "bound": values, **claims})


def breaches(patients: Records, doctors: Records, given: list[int], **terms: float) -> list[str]:
    problem = worlds.asked(patients, doctors, **terms)
    return list(matcher.broken(problem, answer(problem, given)))


def test_an_answer_that_keeps_every_rule_and_counts_right_passes() -> None:
    patients = [a_patient("P"), a_patient("Q", household="h"), a_patient("R", household="h")]
    problem = worlds.asked(patients, [a_doctor("D"), a_doctor("E", places=2)])

    matcher.check(problem, answer(problem, [0, 1, 1]))


# Ten kilometres are 1170 seconds, which is 19.5 minutes.
@pytest.mark.parametrize(
    ("patient", "doctor", "broken"),
    [
        ({}, {"builds_panel": False}, "not_a_panel_doctor"),
        ({}, north_by_km(15.01), "beyond_radius"),
        ({}, north_by_km(15), None),
        ({"max_minutes": 19.4}, north_by_km(10), "beyond_personal_limit"),
        ({"max_minutes": 19.5}, north_by_km(10), None),
        ({"needs_home_visit": True}, {}, "home_visit"),
        ({"needs_home_visit": True}, {"home_visit_minutes": 0}, None),
        ({"needs_home_visit": True}, {"home_visit_minutes": 19.4, **north_by_km(10)}, "home_visit"),
        ({"needs_home_visit": True}, {"home_visit_minutes": 19.5, **north_by_km(10)}, None),
        ({"needs_wheelchair": True}, {}, "wheelchair"),
        ({"needs_wheelchair": True}, {"wheelchair": True}, None),
        ({"languages": ("uk",)}, {"languages": ("fr", "ar")}, "language"),
        ({"languages": ("uk", "fr")}, {}, None),
        ({"age": 15}, {"min_age": 16}, "age"),
        ({"age": 16}, {"min_age": 16, "max_age": 16}, None),
        ({"age": 17}, {"max_age": 16}, "age"),
        ({"age": None}, {"min_age": 16}, None),
    ],
)
def test_every_hard_rule_is_recounted_up_to_its_boundary(
    patient: dict[str, Any], doctor: dict[str, Any], broken: str | None
) -> None:
    found = breaches([a_patient("P", **patient)], [a_doctor("D", **doctor)], [0])

    assert found == ([] if broken is None else [f"person 0 with doctor 0 breaks {broken}"])


def test_no_rule_is_forgotten() -> None:
    assert set(OBEYED) == {rule.name for rule in rules.RULES}


def test_a_doctor_gives_no_more_places_than_offered() -> None:
    patients = [a_patient("P"), a_patient("Q")]

    assert breaches(patients, [a_doctor("D", places=2)], [0, 0]) == []
    assert breaches(patients, [a_doctor("D", places=1)], [0, 0]) == [
        "doctor 0 gets 2 patients for fewer places"
    ]


@pytest.mark.parametrize("given", [[0, 1, 0], [0, 0, -1]])
def test_a_household_is_neither_split_nor_served_in_part(given: list[int]) -> None:
    family = [a_patient(name, household="h") for name in "ABC"]
    doctors = [a_doctor("D", places=3), a_doctor("E", places=3)]

    assert breaches(family, doctors, [1, 1, 1]) == []
    assert breaches(family, doctors, given) == ["household 0 is split"]


def test_a_promise_is_kept() -> None:
    patients, doctors = [a_patient("P", pinned="D")], [a_doctor("D"), a_doctor("E")]

    assert breaches(patients, doctors, [0]) == []
    for other in (1, -1):
        assert breaches(patients, doctors, [other]) == ["person 0 was promised doctor 0"]


def test_a_refused_pair_is_not_proposed() -> None:
    problem = matcher.from_records(
        [a_patient("P")], [a_doctor("D"), a_doctor("E")], classes=6, refused=[("P", "D")]
    )

    assert list(matcher.broken(problem, answer(problem, [1]))) == []
    assert list(matcher.broken(problem, answer(problem, [0]))) == [
        "person 0 gets doctor 0, who was refused"
    ]


def passed_by(**differs: Any) -> bool:
    """Whether it is a breach that P, who waited 9 days and differs in this, is served before Q."""
    patients = [a_patient("P", waiting_days=9, **differs), a_patient("Q", waiting_days=10)]
    doctor = a_doctor("D", wheelchair=True, home_visit_minutes=60, languages=("fr", "uk"))
    return bool(breaches(patients, [doctor], [0, -1]))


def test_of_two_alike_the_longer_waiting_is_not_passed_by() -> None:
    patients = [a_patient("P", waiting_days=9), a_patient("Q", waiting_days=10)]

    assert breaches(patients, [a_doctor("D")], [-1, 0]) == []
    assert breaches(patients, [a_doctor("D")], [0, -1]) == [
        "someone who waited 10 days was passed by 9"
    ]


@pytest.mark.parametrize(
    "differs",
    [
        north_by_km(1),
        {"priority_class": 2},
        {"usual_doctor": "D"},
        {"age": 40},
        {"needs_wheelchair": True},
        {"needs_home_visit": True},
        {"languages": ("uk",)},
        {"max_minutes": 60},
        {"household": "h"},
        {"pinned": "D"},
    ],
)
def test_who_is_not_alike_may_be_served_before(differs: dict[str, Any]) -> None:
    assert passed_by()
    assert not passed_by(**differs)


def test_who_refused_a_doctor_has_a_turn_of_his_own() -> None:
    patients = [a_patient("P", waiting_days=9), a_patient("Q", waiting_days=10)]
    problem = matcher.from_records(
        patients, [a_doctor("D"), a_doctor("E")], classes=6, refused=[("Q", "D")]
    )

    assert list(matcher.broken(problem, answer(problem, [0, -1]))) == []


def test_the_way_is_recounted_to_the_second() -> None:
    problem = worlds.asked([a_patient("P")], [a_doctor("D", **north_by_km(10))])
    told = answer(problem, [0])

    for wrong in (1169, 1171, -1):
        claim = dataclasses.replace(told, travel_seconds=np.array([wrong]))
        assert "travels" in next(matcher.broken(problem, claim))
    assert told.travel_seconds.tolist() == [1170]


def test_who_waits_on_does_not_travel() -> None:
    problem = worlds.asked([a_patient("P")], [])

    claim = answer(problem, [-1], travel_seconds=np.array([0]))

    assert "person 0 waits on but travels" in list(matcher.broken(problem, claim))


@pytest.mark.parametrize("doctor", [[1], [-2], [0, 0], []])
def test_an_answer_about_other_people_or_doctors_is_told_as_such(doctor: list[int]) -> None:
    problem = worlds.asked([a_patient("P")], [a_doctor("D")])

    claim = answer(problem, [0], doctor=np.array(doctor, dtype=np.int64))

    assert len(list(matcher.broken(problem, claim))) == 1


@pytest.mark.parametrize(
    "level", ["matched", "usual_doctor", "travel_bands", "imbalance", "travel_seconds"]
)
def test_a_level_that_is_told_wrong_is_caught(level: str) -> None:
    problem = worlds.asked([a_patient("P")], [a_doctor("D")])
    told = answer(problem, [0])
    count = getattr(told.values, level)
    wrong = (*count[:-1], count[-1] + 1) if level == "matched" else count + 1
    values = dataclasses.replace(told.values, **{level: wrong})

    with pytest.raises(matcher.Disagreement, match="levels count"):
        matcher.check(problem, dataclasses.replace(told, values=values, bound=values))


def test_a_false_proof_is_caught() -> None:
    problem = worlds.asked([a_patient("P")], [a_doctor("D")])
    told = answer(problem, [0])
    better = dataclasses.replace(told.values, usual_doctor=1)
    worse = dataclasses.replace(told.values, travel_bands=1)

    with pytest.raises(matcher.Disagreement, match="short of the bound"):
        matcher.check(problem, dataclasses.replace(told, bound=better))
    with pytest.raises(matcher.Disagreement, match="beats its own bound"):
        matcher.check(problem, dataclasses.replace(told, bound=worse))
    matcher.check(problem, dataclasses.replace(told, bound=better, status=matcher.Status.FEASIBLE))


@settings(max_examples=100, deadline=None)
@given(patients=cramped.patients(8), doctors=cramped.doctors(4), data=st.data())
def test_any_answer_is_judged_and_counted_as_by_hand(
    patients: Records, doctors: Records, data: st.DataObject
) -> None:
    rows = st.integers(-1, len(doctors) - 1)
    given = data.draw(st.lists(rows, min_size=len(patients), max_size=len(patients)))
    problem = matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3)

    told = answer(problem, given)
    found = [breach for breach in matcher.broken(problem, told) if "was passed by" not in breach]

    rank = cramped.rank_of(patients, doctors, given, classes=3)
    assert (rank is None) == bool(found)
    assert rank in (None, told.values.rank())


@given(
    st.lists(
        st.tuples(*[st.integers(-1, 1).map(lambda value: value * (2**31 - 1))] * 4), min_size=1
    )
)
def test_rows_are_alike_if_every_column_is_however_wide(rows: list[tuple[int, ...]]) -> None:
    columns = list(np.array(rows, dtype=np.int32).T)

    numbers = _alike(columns).tolist()

    together = dict(zip(rows, numbers, strict=True))
    assert [together[row] for row in rows] == numbers
    assert len(set(numbers)) == len(together)
