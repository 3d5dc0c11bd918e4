from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from scheduler import problem, records
from scheduler.records import Doctor, Offer, Slot
from tests.scheduler.test_rules import a_slot

SLOT = a_slot(0)
DOCTOR = Doctor("dr")
OFFER = Offer("dr", SLOT.slot_id)


def asked(
    slot: Slot = SLOT,
    doctor: Doctor = DOCTOR,
    offer: Offer = OFFER,
    terms: dict[str, object] | None = None,
    **other: object,
) -> problem.Problem:
    made = problem.Terms(**(terms or {}))
    return records.from_records([slot], [doctor], [offer], terms=made, **other)


ABSURD = [
    ({"slot": replace(SLOT, end=SLOT.start)}, "slot '00T18': end"),
    ({"slot": replace(SLOT, doctors_needed=-1)}, "slot '00T18': doctors_needed is -1"),
    ({"slot": replace(SLOT, hardness=0)}, "hardness is 0"),
    ({"slot": replace(SLOT, hardness=4)}, "hardness is 4"),
    ({"slot": replace(SLOT, points=-1)}, "points is -1"),
    ({"slot": replace(SLOT, start=datetime(2027, 2, 1))}, "no offset"),  # noqa: DTZ001
    ({"doctor": replace(DOCTOR, participation=0.0)}, "doctor 'dr': participation is 0"),
    ({"doctor": replace(DOCTOR, participation=1.01)}, "participation is 1.01"),
    ({"doctor": replace(DOCTOR, participation=float("nan"))}, "participation is nan"),
    ({"doctor": replace(DOCTOR, max_per_week=-1)}, "cap is -1"),
    ({"doctor": replace(DOCTOR, history_points=-1)}, "history_points is -1"),
    ({"offer": replace(OFFER, wish=3)}, "wish is 3"),
    ({"offer": replace(OFFER, wish=-3)}, "wish is -3"),
    ({"offer": replace(OFFER, rpps="?")}, "unknown doctor"),
    ({"offer": replace(OFFER, slot_id="?")}, "unknown slot"),
    ({"terms": {"rest_days": -1}}, "rest_days is -1"),
    ({"terms": {"timezone": "Europe/Nowhere"}}, "Europe/Nowhere"),
]


@pytest.mark.parametrize(("changed", "message"), ABSURD)
def test_absurd_input_is_refused_saying_where_and_what(
    changed: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        asked(**changed)


def test_the_smallest_and_largest_sensible_values_are_accepted() -> None:
    bounds = asked(
        slot=replace(SLOT, doctors_needed=0, hardness=3, points=0),
        doctor=replace(DOCTOR, participation=1.0, max_per_week=0, history_points=0),
        offer=replace(OFFER, wish=-2),
        terms={"rest_days": 0},
    )

    assert bounds.max_per_week.tolist() == [0]
    assert bounds.max_per_month.tolist() == [problem.NO_CAP]


def test_a_name_or_an_offer_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="slot '00T18': given twice"):
        records.from_records([SLOT, SLOT], [], [])
    with pytest.raises(ValueError, match="doctor 'dr': given twice"):
        records.from_records([], [DOCTOR, DOCTOR], [])
    with pytest.raises(ValueError, match="pairs 0-0: twice"):
        records.from_records([SLOT], [DOCTOR], [OFFER, OFFER])


def test_rows_are_sorted_by_id_and_cannot_be_changed() -> None:
    later = a_slot(1)
    sorted_rows = records.from_records(
        [later, SLOT], [Doctor("z"), DOCTOR], [Offer("z", later.slot_id)]
    )

    assert sorted_rows.slot_ids == (SLOT.slot_id, later.slot_id)
    assert (sorted_rows.pair_doctor.tolist(), sorted_rows.pair_slot.tolist()) == ([1], [1])
    with pytest.raises(ValueError, match="read-only"):
        sorted_rows.points[0] = 9


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="slot points"):
        replace(asked(), points=np.array([1, 2]))


def test_more_published_pairs_than_the_published_roster_has_are_refused() -> None:
    with pytest.raises(ValueError, match="published_size is None"):
        replace(asked(), pair_published=np.array([True]))
