from scheduler import problem, records
from scheduler.explanation import share
from scheduler.records import Doctor, Offer
from scheduler.roster import roster
from tests.scheduler.test_rules import a_slot


def asked_of(*offers: tuple[str, int]) -> problem.Problem:
    slots = [a_slot(day, points=3) for day in (0, 3, 7, 10)]
    doctors = [
        Doctor("a", history_points=6),
        Doctor("b", participation=0.5),
        Doctor("c", max_per_period=1),
    ]
    return records.from_records(
        slots, doctors, [Offer(rpps, slots[at].slot_id) for rpps, at in offers]
    )


EVERY = [(rpps, at) for rpps in "abc" for at in range(4)]


def test_the_account_of_a_doctor_adds_up() -> None:
    asked = asked_of(*EVERY)

    told = share.burden(asked, roster([(1, 0), (1, 3), (2, 1), (0, 2)]), 1)

    assert told.duties == (asked.slot_ids[0], asked.slot_ids[3])
    assert (told.points, told.history_points, told.participation) == (6, 0, 0.5)
    assert (told.relative, told.group) == (12.0, (3.0, 9.0, 12.0))
    assert round(told.target_points, 2) == 3.6
    assert told.offered == 4


def test_reasons_are_where_he_stands_what_he_carried_and_what_bound_him() -> None:
    asked = asked_of(*EVERY[:9])

    carried = share.burden(asked, roster([(1, 0), (2, 1)]), 0)
    capped = share.burden(asked, roster([(2, 0)]), 2)
    alone = share.burden(asked_of(("b", 0), ("b", 1)), roster([(1, 0), (1, 1)]), 1)

    assert carried.reasons == ("at_share", "carried_more")
    assert "few_offers" in capped.reasons
    assert alone.reasons == ("above_share", "carried_less", "alone")
    assert alone.alone == alone.duties


def test_a_cap_that_keeps_him_off_a_slot_is_named() -> None:
    told = share.burden(asked_of(*EVERY), roster([(2, 0)]), 2)

    assert told.capped == ("max_per_period",)
    assert told.reasons[-1] == "capped"
