import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import matcher
from matcher import changes
from tests.matcher import cramped, worlds
from tests.matcher.worlds import a_doctor, a_patient, north_by_km

Records = list[dict[str, Any]]
CRAMPED = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def pairs(answer: matcher.Matching) -> dict[str, str]:
    problem = answer.proof.problem
    return {
        str(problem.people.id[person]): str(problem.doctors.id[doctor])
        for person, doctor in enumerate(answer.doctor.tolist())
        if doctor >= 0
    }


def test_a_doctor_who_leaves_hands_the_patients_on() -> None:
    answer = matcher.solve(worlds.asked([a_patient("P")], [a_doctor("D"), a_doctor("E")]))
    left = pairs(answer)["P"]

    again = matcher.rematch(answer, changes.DoctorLeaves(left))

    assert pairs(again) == {"P": "E" if left == "D" else "D"}


def test_places_that_open_serve_those_who_waited() -> None:
    answer = matcher.solve(worlds.asked([a_patient("P"), a_patient("Q")], [a_doctor("D")]))

    again = matcher.rematch(answer, changes.PlacesOpen("D", 1))

    assert pairs(again) == {"P": "D", "Q": "D"}


def test_more_places_may_not_be_closed_than_there_are() -> None:
    problem = worlds.asked([a_patient("P")], [a_doctor("D", places=2)])

    with pytest.raises(matcher.Refused, match="negative"):
        changes.PlacesOpen("D", -3).apply(problem)


def test_a_practice_that_opens_keeps_everybody_s_usual_doctor_and_promises() -> None:
    problem = worlds.asked(
        [a_patient("P", usual_doctor="M"), a_patient("Q", pinned="Z")],
        [a_doctor("M"), a_doctor("Z")],
    )

    opened = changes.PracticeOpens("N", 48.69, 6.18, 3).apply(problem)

    assert opened.doctors.id.tolist() == ["M", "N", "Z"]
    assert opened.doctors.id[opened.people.usual_doctor[0]] == "M"
    assert opened.doctors.id[opened.people.pinned[1]] == "Z"
    assert opened.doctors.places.tolist() == [1, 3, 1]


def test_a_long_name_of_a_new_practice_is_not_cut() -> None:
    opened = changes.PracticeOpens("a long name", 48.69, 6.18, 3).apply(
        worlds.asked([], [a_doctor("D")])
    )

    assert opened.doctors.id.tolist() == ["D", "a long name"]


def test_a_refused_pair_is_not_proposed_again_even_if_it_was_promised() -> None:
    problem = worlds.asked([a_patient("P", pinned="D")], [a_doctor("D"), a_doctor("E")])
    answer = matcher.solve(problem)
    assert pairs(answer) == {"P": "D"}

    again = matcher.rematch(answer, changes.PairRefused("P", "D"))

    assert pairs(again) == {"P": "E"}


def test_a_patient_who_leaves_takes_nothing_of_the_others_along() -> None:
    problem = worlds.asked(
        [a_patient("A"), a_patient("B"), a_patient("C", pinned="D")],
        [a_doctor("D", places=2), a_doctor("E", places=2)],
        refused=[("B", "D")],
    )

    again = matcher.rematch(matcher.solve(problem), changes.PatientLeaves("A"))

    assert pairs(again) == {"B": "E", "C": "D"}


def test_patients_who_arrive_join_at_their_own_homes() -> None:
    problem = worlds.asked([a_patient("B")], [a_doctor("D", places=3)])
    newcomers = worlds.asked([a_patient("A", **north_by_km(1)), a_patient("C")], [])

    arrived = changes.PatientsArrive(newcomers.people, newcomers.homes).apply(problem)

    assert arrived.people.id.tolist() == ["A", "B", "C"]
    assert pairs(matcher.solve(arrived)) == {"A": "D", "B": "D", "C": "D"}
    homes = arrived.homes.latitude[arrived.people.home]
    assert homes[0] > homes[1] == homes[2]


def test_proposals_already_sent_are_kept_though_another_would_be_better() -> None:
    problem = worlds.asked(
        [a_patient("P"), a_patient("Q")], [a_doctor("D"), a_doctor("E", **north_by_km(9))]
    )
    sent = np.array([1, 0])

    again = matcher.rematch(matcher.solve(problem), changes.ProposalsKept(sent))

    assert pairs(again) == {"P": "E", "Q": "D"}


def test_a_proposal_that_has_become_impossible_is_made_anew() -> None:
    problem = worlds.asked(
        [a_patient("P", waiting_days=5), a_patient("Q", waiting_days=90), a_patient("R", age=3)],
        [a_doctor("D", places=1), a_doctor("E", places=5, min_age=16)],
    )
    sent = np.array([0, 0, 1])

    kept = changes.ProposalsKept(sent).apply(problem)

    assert kept.people.pinned.tolist() == [-1, 0, -1]


def test_a_household_is_kept_whole_or_not_at_all() -> None:
    problem = worlds.asked(
        [a_patient("P", household="h"), a_patient("Q", household="h")],
        [a_doctor("D", places=5), a_doctor("E", places=5)],
    )

    split = changes.ProposalsKept(np.array([0, 1])).apply(problem)
    whole = changes.ProposalsKept(np.array([1, 1])).apply(problem)

    assert split.people.pinned.tolist() == [-1, -1]
    assert whole.people.pinned.tolist() == [1, 1]


@pytest.mark.parametrize(
    "event",
    [changes.DoctorLeaves("X"), changes.PatientLeaves("X"), changes.PairRefused("P", "X")],
)
def test_an_event_about_nobody_we_know_is_refused(event: changes.Event) -> None:
    problem = worlds.asked([a_patient("P")], [a_doctor("D")])

    with pytest.raises(matcher.Refused, match="there is no X"):
        event.apply(problem)


def test_the_problem_before_an_event_stays_as_it_was() -> None:
    problem = worlds.asked([a_patient("P")], [a_doctor("D")])

    changes.after(problem, [changes.PlacesOpen("D", 7), changes.DoctorLeaves("D")])

    assert problem.doctors.places.tolist() == [1]
    assert problem.doctors.builds_panel.tolist() == [True]


@st.composite
def events(draw: st.DrawFn, problem: matcher.Problem) -> list[changes.Event]:
    doctor = st.sampled_from(problem.doctors.id.tolist())
    person = st.sampled_from(problem.people.id.tolist())
    kinds = st.one_of(
        st.builds(changes.DoctorLeaves, doctor),
        st.builds(changes.PlacesOpen, doctor, st.integers(0, 4)),
        st.builds(changes.PairRefused, person, doctor),
        st.builds(changes.PracticeOpens, st.just("D1x"), st.just(48.7), st.just(6.2), st.just(2)),
    )
    return draw(st.lists(kinds, min_size=1, max_size=1))


@CRAMPED
@given(data=st.data(), patients=cramped.patients(9), doctors=cramped.doctors(4))
def test_a_rematch_finds_the_optimum_of_a_solve_from_nothing(
    data: st.DataObject, patients: Records, doctors: Records
) -> None:
    if not patients or not doctors:
        return
    answer = matcher.solve(
        matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3), seed=1
    )
    for _ in range(3):
        happened = data.draw(events(answer.proof.problem))
        if any(isinstance(it, changes.PracticeOpens) for it in happened) and (
            "D1x" in answer.proof.problem.doctors.id
        ):
            continue
        cold = matcher.solve(changes.after(answer.proof.problem, happened), seed=1)

        answer = matcher.rematch(answer, *happened, seed=1)

        assert answer.values == cold.values
        assert answer.status is cold.status


@CRAMPED
@given(data=st.data(), patients=cramped.patients(9), doctors=cramped.doctors(4))
def test_after_proposals_are_kept_nobody_else_moves_worse_than_a_solve_from_nothing(
    data: st.DataObject, patients: Records, doctors: Records
) -> None:
    problem = matcher.from_records(patients, doctors, terms=cramped.TERMS, classes=3)
    answer = matcher.solve(problem, seed=1)
    sent = np.array(
        [row if data.draw(st.booleans()) else -1 for row in answer.doctor.tolist()], dtype=np.int64
    )

    again = matcher.rematch(answer, changes.ProposalsKept(sent), seed=1)

    held = again.proof.problem.people.pinned
    assert (again.doctor[held >= 0] == held[held >= 0]).all()
    assert again.values == matcher.solve(again.proof.problem, seed=1).values
    unbroken = dataclasses.replace(again, proof=answer.proof)
    assert not list(matcher.broken(problem, unbroken))
