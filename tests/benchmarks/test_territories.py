from dataclasses import fields, replace

import numpy as np
import pytest

from benchmarks import territories
from matcher.problem import UNKNOWN

VILLAGE = replace(territories.NANCY, name="village", people=2_000, doctors=12, cells=40, towns=3)


def test_the_same_seed_makes_the_same_territory_and_another_seed_another() -> None:
    one, again, other = (
        territories.territory(VILLAGE, 0.7, together=0.3, acquainted=0.2, seed=seed)
        for seed in (1, 1, 2)
    )

    for column in fields(one.people):
        assert (getattr(one.people, column.name) == getattr(again.people, column.name)).all()
    assert (one.doctors.places == again.doctors.places).all()
    assert (one.people.home != other.people.home).any()


@pytest.mark.parametrize("share", [0.7, 1.3])
def test_doctors_offer_the_share_of_places_that_was_asked_for(share: float) -> None:
    made = territories.territory(VILLAGE, share)

    assert made.doctors.places.sum() == round(share * VILLAGE.people)
    assert made.doctors.places.min() > 0


def test_every_person_lives_in_a_cell_of_its_own_coordinates() -> None:
    made = territories.territory(VILLAGE, 0.7)
    homes = np.stack([made.homes.latitude, made.homes.longitude], axis=1)

    assert made.people.home.size == VILLAGE.people
    assert np.unique(homes, axis=0).shape == (VILLAGE.cells, 2)
    assert set(made.people.home.tolist()) <= set(range(VILLAGE.cells))


def test_cells_are_a_lattice_of_three_hundred_metres() -> None:
    made = territories.territory(VILLAGE, 0.7)
    north = (made.homes.latitude - made.homes.latitude.min()) * territories.DEGREE_KM

    assert np.allclose(north / territories.CELL_KM, np.rint(north / territories.CELL_KM), atol=1e-6)


def test_nobody_is_in_a_household_or_has_a_usual_doctor_unless_asked_for() -> None:
    people = territories.territory(VILLAGE, 0.7).people

    assert (people.household == UNKNOWN).all()
    assert (people.usual_doctor == UNKNOWN).all()
    assert (people.pinned == UNKNOWN).all()


def test_a_household_is_two_to_four_people_of_one_home() -> None:
    people = territories.territory(VILLAGE, 0.7, together=0.3).people

    rows = np.flatnonzero(people.household != UNKNOWN)
    number, size = np.unique(people.household[rows], return_counts=True)
    homes = {(it, home) for it, home in zip(people.household[rows], people.home[rows], strict=True)}
    assert set(size.tolist()) == {2, 3, 4}
    assert len(homes) == number.size
    assert 0.3 * VILLAGE.people - 4 <= rows.size <= 0.3 * VILLAGE.people


def test_the_share_with_a_usual_doctor_is_about_the_one_asked_for() -> None:
    made = territories.territory(VILLAGE, 0.7, acquainted=0.2)
    known = made.people.usual_doctor[made.people.usual_doctor != UNKNOWN]

    assert 0.15 < known.size / VILLAGE.people < 0.25
    assert known.max() < VILLAGE.doctors


def test_each_class_has_its_share_and_columns_are_narrow() -> None:
    people = territories.territory(territories.NANCY, 0.7).people
    share = np.bincount(people.priority_class, minlength=7)[1:] / people.home.size

    assert np.allclose(share, territories.CLASS_SHARES, atol=0.02)
    assert (people.priority_class.dtype, people.waiting_days.dtype) == (np.int8, np.int16)
    assert {people.id.dtype, people.home.dtype} == {np.dtype(np.int32)}
    assert people.max_seconds.strides == people.pinned.strides == (0,)
