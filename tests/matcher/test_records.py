from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import matcher
from matcher import records
from matcher.problem import NO_LIMIT, UNKNOWN
from tests.matcher import worlds
from tests.matcher.worlds import a_doctor, a_patient, north_by_km

spots = st.lists(
    st.tuples(
        st.floats(-90, 90) | st.just(-0.0) | st.just(0.0),
        st.floats(-180, 180) | st.just(-0.0) | st.just(0.0),
    ),
    max_size=12,
)


@given(spots)
def test_everybody_lives_where_the_record_says_and_no_home_is_there_twice(
    places: list[tuple[float, float]],
) -> None:
    latitude, longitude = np.array(places, dtype=np.float64).reshape(-1, 2).T.copy()

    homes, home = records.settled(latitude, longitude)

    assert np.array_equal(homes.latitude[home], latitude)
    assert np.array_equal(homes.longitude[home], longitude)
    assert homes.latitude.size == len(set(places))


@given(spots, st.randoms())
def test_homes_do_not_depend_on_the_order_of_the_rows(
    places: list[tuple[float, float]], order: Any
) -> None:
    def homes() -> list[tuple[float, float]]:
        latitude, longitude = np.array(places, dtype=np.float64).reshape(-1, 2).T.copy()
        found, _ = records.settled(latitude, longitude)
        return list(zip(found.latitude.tolist(), found.longitude.tolist(), strict=True))

    before = homes()
    order.shuffle(places)

    assert homes() == before


def test_homes_that_follow_each_other_are_neighbours() -> None:
    rng = np.random.default_rng(5)
    latitude, longitude = rng.uniform([45, 2], [47, 5], (2000, 2)).T.copy()

    homes, _ = records.settled(latitude, longitude)

    def steps(north: Any, east: Any) -> float:
        return float(np.hypot(np.diff(north), np.diff(east)).mean())

    assert 10 * steps(homes.latitude, homes.longitude) < steps(latitude, longitude)


def test_what_a_record_does_not_say_is_unknown() -> None:
    problem = worlds.asked([{**a_patient("P"), "waiting_days": None}], [a_doctor("D")])
    people, doctors = problem.people, problem.doctors

    for column in (people.waiting_days, people.household, people.usual_doctor, people.age):
        assert column.tolist() == [UNKNOWN]
    assert people.pinned.tolist() == doctors.home_visit_seconds.tolist() == [UNKNOWN]
    assert people.max_seconds.tolist() == doctors.max_age.tolist() == [NO_LIMIT]
    assert doctors.builds_panel.tolist() == [True]
    assert problem.refused.person.size == 0


def test_minutes_become_the_most_whole_seconds_that_fit() -> None:
    assert records.whole_seconds([1.5, 0.99 / 60, None, 1e12], UNKNOWN).tolist() == [
        90, 0, UNKNOWN, NO_LIMIT,
    ]  # fmt: skip


def test_rows_are_sorted_by_id_and_names_become_rows() -> None:
    patients = [
        a_patient("B", usual_doctor="E", household="h"),
        a_patient("A", usual_doctor="gone", pinned="D", **north_by_km(1)),
        a_patient("C", household="h"),
    ]

    problem = worlds.asked(
        patients,
        [a_doctor("E"), a_doctor("D")],
        refused=[("C", "D"), ("B", "E"), ("C", "D"), ("Z", "D"), ("A", "Z")],
    )

    assert problem.people.id.tolist() == ["A", "B", "C"]
    assert problem.people.usual_doctor.tolist() == [UNKNOWN, 1, UNKNOWN]
    assert problem.people.pinned.tolist() == [0, UNKNOWN, UNKNOWN]
    assert problem.people.household.tolist() == [UNKNOWN, 0, 0]
    assert problem.refused.person.tolist() == [1, 2]
    assert problem.refused.doctor.tolist() == [1, 0]


def test_a_promise_of_somebody_who_is_not_there_is_refused() -> None:
    with pytest.raises(matcher.Refused, match="patient P is promised to doctor Z"):
        worlds.asked([a_patient("P", pinned="Z")], [a_doctor("D")])


def test_languages_left_empty_are_french() -> None:
    spoken, rows = records.language_sets([(), ("fr",), ("de", "fr"), ("fr", "de")])

    assert rows.tolist() == [0, 0, 1, 1]
    assert records.shared_languages(spoken, [frozenset({"de"})]).tolist() == [[False], [True]]
