import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import matcher
from matcher import Reason
from matcher.explanation import story
from matcher.explanation.difference import Change, by_level
from matcher.solve import in_places
from tests.matcher import cramped, worlds
from tests.matcher.worlds import a_doctor, a_patient, north_by_km

Records = list[dict[str, Any]]
CRAMPED = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
SPLIT = {"D": {"max_age": 15}, "E": {"min_age": 16}}


def told(problem: matcher.Problem, name: str) -> story.Story:
    answer = matcher.solve(problem, seed=1)
    return story.story(answer, problem.people.id.tolist().index(name), seed=1)


def price(told: story.Story) -> dict[str, int]:
    """Of insisting on the only doctor asked for."""
    (insisted,) = told.insistences
    assert insisted.price is not None
    return dict(insisted.price)


def test_a_patient_alone_with_one_doctor_goes_there_and_there_is_nothing_to_insist_on() -> None:
    found = told(worlds.asked([a_patient("P")], [a_doctor("D", places=3)]), "P")

    assert found.doctor == 0
    assert found.options == (story.Option(0, 0, 0.0, 3, 2, usual=False, last_class=1),)
    assert (found.insistences, found.wait, found.openings, found.barriers) == ((), None, (), ())


def test_insisting_on_a_nearer_doctor_costs_whoever_would_lose_the_place() -> None:
    needy = a_patient("A", needs_wheelchair=True, priority_class=2)
    near = a_doctor("D", wheelchair=True)
    problem = worlds.asked([needy, a_patient("B")], [near, a_doctor("E", **north_by_km(8))])

    found = told(problem, "B")

    assert problem.doctors.id[found.doctor] == "E"
    assert price(found)["matched_2"] == -1
    assert price(found)["travel_bands"] < 0


def test_insisting_where_another_answer_is_as_good_costs_nothing() -> None:
    near, far = a_doctor("D"), a_doctor("E", **north_by_km(8))
    problem = worlds.asked([a_patient("A"), a_patient("B")], [near, far])
    farther = problem.people.id[matcher.solve(problem, seed=1).doctor == 1][0]

    found = told(problem, farther)

    assert price(found) == {}
    # The other one travels instead.
    (insisted,) = found.insistences
    assert insisted.others == {"travel_bands": 3, "travel_seconds": 936}


def test_insisting_needs_a_place_for_each_of_the_household() -> None:
    pair = [a_patient(name, household="h") for name in "AB"]
    problem = worlds.asked(pair, [a_doctor("D"), a_doctor("E", places=2, **north_by_km(8))])

    (insisted,) = told(problem, "A").insistences

    assert insisted == story.Insistence(0, None, {})


def test_who_waits_is_told_of_the_nearest_doctors_with_room_and_of_the_usual_one() -> None:
    near = [a_doctor(f"D{row}", places=row % 2) for row in range(9)]
    usual = a_doctor("U", places=0, **north_by_km(8))
    first = [a_patient(f"A{row}") for row in range(4)]

    found = told(
        worlds.asked([*first, a_patient("P", usual_doctor="U", priority_class=2)], [*near, usual]),
        "P",
    )

    assert [insisted.doctor for insisted in found.insistences] == [1, 3, 5, 9]
    assert [insisted.others.get("matched_1") for insisted in found.insistences] == [-1] * 3 + [None]
    assert found.insistences[3].price is None
    assert [option.usual for option in found.options] == [False] * 9 + [True]


def test_who_has_a_doctor_is_told_of_the_nearest_one_and_of_the_nearest_with_room() -> None:
    nearer = [a_doctor("D", places=0), a_doctor("E", **north_by_km(1))]
    problem = worlds.asked(
        [a_patient("A", **north_by_km(1), usual_doctor="E"), a_patient("P")],
        [*nearer, a_doctor("F", **north_by_km(8))],
    )

    found = told(problem, "P")

    assert (found.doctor, found.nearest) == (2, False)
    assert [(it.doctor, it.price is None) for it in found.insistences] == [(0, True), (1, False)]
    assert found.insistences[1].others["usual_doctor"] == -1


def test_who_waits_is_told_why_and_where_a_place_more_would_do() -> None:
    first = a_patient("A", waiting_days=90)
    doctors = [a_doctor("D"), a_doctor("E", places=0, **north_by_km(3))]

    found = told(worlds.asked([first, a_patient("B")], doctors), "B")

    assert found.wait == matcher.Wait(1, Reason.PLACES_TAKEN_BY_LONGER_WAITING, 2, 1, 0)
    assert [(it.doctor, it.places, it.serves) for it in found.openings] == [
        (0, 1, True),
        (1, 1, True),
    ]
    assert found.openings[0].gain == {"matched_1": 1, "imbalance": 9}


def test_a_place_more_may_go_to_somebody_else() -> None:
    two = [a_patient("A"), a_patient("B", priority_class=2)]

    found = told(worlds.asked(two, [a_doctor("D", places=0)]), "B")

    (opening,) = found.openings
    assert (opening.serves, opening.gain["matched_1"]) == (False, 1)


def test_a_household_asks_for_a_place_for_each() -> None:
    pair = [a_patient(name, household="h") for name in "AB"]

    found = told(worlds.asked(pair, [a_doctor("D", places=0)]), "B")

    assert found.members == (0, 1)
    assert [(it.places, it.serves) for it in found.openings] == [(2, True)]


def test_a_household_that_only_places_apart_would_serve_is_asked_of_whole_answers() -> None:
    pair = [a_patient(name, household="h") for name in "AB"]
    apart = [a_doctor("D"), a_doctor("E"), a_doctor("F", places=0, **north_by_km(1))]

    found = told(worlds.asked(pair, apart), "A")

    assert found.wait is not None
    assert found.wait.reason is Reason.HOUSEHOLD_LARGER_THAN_PLACES
    assert [(it.doctor, it.serves) for it in found.openings] == [(0, True), (1, True), (2, True)]


@pytest.mark.parametrize(
    ("patient", "doctor", "rule"),
    [
        ({}, north_by_km(16), "beyond_radius"),
        ({"max_minutes": 5}, north_by_km(14), "beyond_personal_limit"),
        ({"needs_home_visit": True}, {}, "home_visit"),
        ({"needs_wheelchair": True}, {}, "wheelchair"),
        ({"languages": ("uk",)}, {}, "language"),
        ({"age": 4}, {"min_age": 16}, "age"),
    ],
)
def test_the_rule_that_stands_alone_is_named_with_the_nearest_doctor_behind_it(
    patient: dict[str, Any], doctor: dict[str, Any], rule: str
) -> None:
    doctors = [{**a_doctor("D", places=4), **doctor}, {**a_doctor("L"), "builds_panel": False}]

    (found,) = told(worlds.asked([{**a_patient("P"), **patient}], doctors), "P").barriers

    assert (found.rule, found.doctors, found.free, found.nearest) == (rule, 1, 4, 0)


def test_two_rules_together_are_not_a_single_one() -> None:
    patient = a_patient("P", age=4, needs_wheelchair=True)

    assert told(worlds.asked([patient], [a_doctor("D", min_age=16)]), "P").barriers == ()


def test_a_refused_pair_is_told_as_such() -> None:
    problem = worlds.asked([a_patient("P")], [a_doctor("D")], refused=[("P", "D")])

    found = told(problem, "P")

    assert found.wait is not None
    assert found.wait.reason is Reason.ONLY_REFUSED_DOCTORS
    assert [barrier.rule for barrier in found.barriers] == [story.REFUSED]


def test_a_promise_is_told_and_insisting_undoes_it() -> None:
    doctors = [a_doctor("D"), a_doctor("E", **north_by_km(8))]

    found = told(worlds.asked([a_patient("P", pinned="E")], doctors), "P")

    assert (found.doctor, found.promised) == (1, True)
    assert price(found)["travel_bands"] < 0


@CRAMPED
@given(data=st.data(), patients=cramped.patients(6), doctors=cramped.doctors(3))
def test_the_price_of_insisting_is_what_brute_force_finds(
    data: st.DataObject, patients: Records, doctors: Records
) -> None:
    assume(patients and doctors)
    alone = [{**patient, "household": None} for patient in patients]
    problem = matcher.from_records(alone, doctors, terms=cramped.TERMS, classes=3)
    answer = matcher.solve(problem, seed=1)
    person = data.draw(st.integers(0, len(patients) - 1))

    found = story.story(answer, person, seed=1)

    for insisted in found.insistences:
        ranks = _ranks(alone, doctors, person)[insisted.doctor]
        assert (insisted.price is None) == (not ranks)
        if insisted.price is not None:
            assert insisted.price == _changed(answer.values, min(ranks))


@CRAMPED
@given(data=st.data(), patients=cramped.patients(6), doctors=cramped.doctors(3))
def test_a_place_more_serves_whom_brute_force_would_serve(
    data: st.DataObject, patients: Records, doctors: Records
) -> None:
    assume(patients and doctors)
    alone = [{**patient, "household": None} for patient in patients]
    problem = matcher.from_records(alone, doctors, terms=cramped.TERMS, classes=3)
    answer = matcher.solve(problem, seed=1)
    assume((answer.doctor < 0).any())
    person = data.draw(st.sampled_from(np.flatnonzero(answer.doctor < 0).tolist()))

    found = story.story(answer, person, seed=1)

    for opening in found.openings:
        more = [dict(doctor) for doctor in doctors]
        more[opening.doctor]["places"] += opening.places
        ranks = _ranks(alone, more, person)
        served = min((min(ranks[row]) for row in range(len(more)) if ranks[row]), default=())
        left = min(ranks[-1])
        if served != left:
            assert opening.serves == bool(served and served < left)
        assert opening.gain == _changed(answer.values, min(filter(None, (served, left))))


@CRAMPED
@given(data=st.data(), patients=cramped.patients(8), doctors=cramped.doctors(3))
def test_in_places_no_choice_is_told_to_be_worse_than_a_full_solve_finds(
    data: st.DataObject, patients: Records, doctors: Records
) -> None:
    assume(patients and doctors)
    problem = matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3)
    answer = matcher.solve(problem, seed=1)
    person = data.draw(st.integers(0, len(patients) - 1))

    found = story.story(answer, person, seed=1)

    for insisted in found.insistences:
        if insisted.price is not None:
            members = [{**patients[it], "pinned": f"D{insisted.doctor}"} for it in found.members]
            held = {record["id"]: record for record in members}
            asked = [held.get(record["id"], record) for record in patients]
            assert _told(answer, insisted.price) <= _solved(asked, doctors)
    for opening in found.openings:
        more = [dict(doctor) for doctor in doctors]
        more[opening.doctor]["places"] += opening.places
        assert _told(answer, opening.gain) <= _solved(patients, more)


def _told(answer: matcher.Matching, change: Change) -> tuple[int, ...]:
    """The rank in places after a change."""
    after = {
        name: it + change.get(name, 0) for name, it in by_level(in_places(answer.proof)).items()
    }
    *matched, usual, bands, imbalance, seconds = after.values()
    return matcher.Values(tuple(matched), usual, bands, imbalance, seconds).rank()


def _solved(patients: Records, doctors: Records) -> tuple[int, ...]:
    problem = matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3)
    return matcher.solve(problem).values.rank()


@CRAMPED
@given(data=st.data(), patients=cramped.patients(5), doctors=cramped.doctors(4))
def test_options_and_barriers_are_those_of_a_recount(
    data: st.DataObject, patients: Records, doctors: Records
) -> None:
    assume(patients and doctors)
    problem = matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3)
    answer = matcher.solve(problem, seed=1)
    person = data.draw(st.integers(0, len(patients) - 1))

    found = story.story(answer, person, seed=1)

    unit = [patients[member] for member in found.members]
    assert {option.doctor for option in found.options} == {
        row for row, it in enumerate(doctors) if all(cramped.possible(one, it) for one in unit)
    }
    if found.wait is not None:
        for rule, undo in _UNDONE.items():
            opened = [
                row
                for row, doctor in enumerate(doctors)
                if all(cramped.possible({**one, **undo[0]}, {**doctor, **undo[1]}) for one in unit)
                and not all(cramped.possible(one, doctor) for one in unit)
            ]
            counts = {it.rule: it.doctors for it in found.barriers}
            assert counts.get(rule, 0) == len(opened)


_UNDONE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "beyond_personal_limit": ({"max_minutes": None}, {}),
    "home_visit": ({"needs_home_visit": False}, {}),
    "wheelchair": ({"needs_wheelchair": False}, {}),
    "language": ({"languages": ("xx",)}, {"languages": ("xx",)}),
    "age": ({"age": None}, {}),
}


def _ranks(patients: Records, doctors: Records, person: int) -> dict[int, list[tuple[int, ...]]]:
    """The rank of every answer, by the doctor whom the unit of a person gets (-1: nobody)."""
    units = cramped._units(patients)
    own = next(at for at, unit in enumerate(units) if patients[person] in unit)
    choices = [
        [None, *(d for d in doctors if all(cramped.possible(one, d) for one in unit))]
        for unit in units
    ]
    found: dict[int, list[tuple[int, ...]]] = {row: [] for row in range(-1, len(doctors))}
    for choice in itertools.product(*choices):
        rank = cramped._rank(units, choice, doctors, 3)
        if rank is not None:
            chosen = choice[own]
            found[-1 if chosen is None else doctors.index(chosen)].append(rank)
    return found


def _changed(before: matcher.Values, rank: tuple[int, ...]) -> dict[str, int]:
    names = ["matched_1", "matched_2", "matched_3", "usual_doctor"]
    names += ["travel_bands", "imbalance", "travel_seconds"]
    signs = [-1] * 4 + [1] * 3
    steps = zip(names, signs, rank, before.rank(), strict=True)
    return {name: sign * (new - old) for name, sign, new, old in steps if new != old}
