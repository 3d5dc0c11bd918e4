from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler import check, events, problem, records, repair, solve
from scheduler.records import Doctor, Named, Offer, Slot
from tests.scheduler import cramped, instances
from tests.scheduler.test_rules import MONDAY, PARIS, a_slot

BEFORE = MONDAY - timedelta(days=30)
LONG_BEFORE = MONDAY - timedelta(days=300)
SLOTS = [a_slot(0), a_slot(3), a_slot(7), a_slot(10)]
IDS = [slot.slot_id for slot in SLOTS]
FIRST, SECOND, THIRD, FOURTH = IDS


def asked_of(
    doctors: Iterable[Doctor | str], slots: Iterable[Slot] = SLOTS, **told: object
) -> problem.Problem:
    known = [it if isinstance(it, Doctor) else Doctor(it) for it in doctors]
    slots = list(slots)
    offers = [Offer(doctor.rpps, slot.slot_id) for doctor in known for slot in slots]
    return records.from_records(slots, known, offers, **told)


def absent(rpps: str, first: int, last: int) -> events.Absence:
    days = [(MONDAY + timedelta(days=it)).date() for it in (first, last)]
    return events.Absence(rpps, *days)


def told(changes: Iterable[repair.Change]) -> list[tuple[str, str, str]]:
    return [(it.rpps, it.slot_id, it.why) for it in changes]


def duties(found: repair.Repair) -> set[Named]:
    names = found.problem
    return {(names.rpps[d], names.slot_ids[s]) for d, s in found.roster.duties()}


def test_ros_07_after_an_illness_only_the_duties_of_the_ill_doctor_change() -> None:
    asked = asked_of("abc")
    published = [("a", FIRST), ("b", SECOND), ("a", THIRD), ("b", FOURTH)]

    found = repair.repair(asked, published, [absent("a", 6, 8)], BEFORE)

    assert told(found.lost) == [("a", THIRD, "absent")]
    assert told(found.gained) == [("c", THIRD, "assigned")]
    assert found.kept == 3
    assert found.outcome.status == "optimal"
    assert check.recount(found.problem, found.outcome.roster, "changes") == 1


def test_ros_07_pinned_duties_never_change_even_where_a_seat_stays_empty() -> None:
    caps = [Doctor("a"), Doctor("b", max_per_period=1)]
    published = [("a", FIRST), ("b", SECOND)]
    free = asked_of(caps, SLOTS[:2])
    held = asked_of(caps, SLOTS[:2], pinned=[("b", SECOND)])
    ill = [absent("a", 0, 0)]

    assert duties(repair.repair(free, published, ill, BEFORE)) == {("b", FIRST), ("a", SECOND)}
    assert duties(repair.repair(held, published, ill, BEFORE)) == {("b", SECOND)}


def test_an_absence_cannot_take_a_pinned_duty() -> None:
    asked = asked_of("ab", pinned=[("a", FIRST)])

    with pytest.raises(events.CannotApply) as refused:
        repair.repair(asked, [("a", FIRST)], [absent("a", 0, 0)], BEFORE)

    assert (refused.value.reason, refused.value.named) == ("pinned", FIRST)


@pytest.mark.parametrize(("minutes", "changed"), [(-1, True), (0, True), (1, False)])
def test_a_duty_that_has_begun_is_history(minutes: int, changed: bool) -> None:
    asked = asked_of("ab")
    now = SLOTS[0].start + timedelta(minutes=minutes)

    found = repair.repair(asked, [("a", FIRST)], [absent("a", 0, 0)], now)

    assert (("b", FIRST) in duties(found)) is changed
    assert (("a", FIRST) in duties(found)) is not changed


def test_nobody_is_given_an_empty_seat_of_the_past() -> None:
    found = repair.repair(asked_of("ab"), [], [], SLOTS[1].start + timedelta(seconds=1))

    assert {slot_id for _, slot_id in duties(found)} == {THIRD, FOURTH}


def test_duties_of_the_past_that_break_a_rule_stay_and_weigh() -> None:
    close = [a_slot(0), a_slot(1), a_slot(7)]
    asked = asked_of("ab", close)
    published = [("a", close[0].slot_id), ("a", close[1].slot_id)]

    found = repair.repair(asked, published, [], close[2].start - timedelta(days=1))

    assert duties(found) == {*published, ("b", close[2].slot_id)}
    assert (found.lost, found.kept) == ((), 2)


def test_a_seat_of_the_past_taken_by_one_too_many_is_taken_by_both() -> None:
    asked = asked_of("abc", SLOTS[:2])
    published = [("a", FIRST), ("b", FIRST)]

    found = repair.repair(asked, published, [], SLOTS[0].end)

    assert duties(found) == {*published, ("c", SECOND)}


def test_a_swap_stands_and_nothing_else_changes() -> None:
    published = [("a", FIRST), ("b", SECOND), ("c", THIRD), ("c", FOURTH)]
    swap = events.Swap(("a", FIRST), ("b", SECOND))

    found = repair.repair(asked_of("abc"), published, [swap], BEFORE)

    assert duties(found) == {("b", FIRST), ("a", SECOND), ("c", THIRD), ("c", FOURTH)}
    assert told(found.lost) == [("a", FIRST, "swapped"), ("b", SECOND, "swapped")]
    assert told(found.gained) == [("b", FIRST, "swapped"), ("a", SECOND, "swapped")]
    assert check.recount(found.problem, found.outcome.roster, "changes") == 0


def test_a_swap_needs_no_offer_but_breaks_no_rule() -> None:
    slots = [a_slot(0), a_slot(1), a_slot(7)]
    ids = [slot.slot_id for slot in slots]
    asked = records.from_records(slots, [Doctor("a"), Doctor("b")], [])
    published = [("a", ids[0]), ("b", ids[1]), ("a", ids[2])]

    found = repair.repair(asked, published, [events.Swap(("a", ids[0]), ("b", ids[1]))], BEFORE)
    with pytest.raises(events.CannotApply) as refused:
        repair.repair(asked, published, [events.Swap(("b", ids[1]), ("a", ids[2]))], BEFORE)

    assert duties(found) == {("b", ids[0]), ("a", ids[1]), ("a", ids[2])}
    assert (refused.value.reason, refused.value.named) == ("rest", "a")


def test_a_swap_is_of_duties_that_are_held_and_to_come() -> None:
    swap = events.Swap(("a", FIRST), ("b", SECOND))
    for published, now, reason in (
        ([("a", FIRST)], BEFORE, "not_held"),
        ([("a", FIRST), ("b", SECOND)], SLOTS[0].end, "past"),
        ([("b", SECOND)], BEFORE, "not_held"),
    ):
        with pytest.raises(events.CannotApply) as refused:
            repair.repair(asked_of("ab"), published, [swap], now)
        assert refused.value.reason == reason


@pytest.mark.parametrize(
    "event",
    [
        absent("nobody", 0, 0),
        events.Withdrawal("nothing"),
        events.Replacement("a", "nobody", MONDAY.date(), MONDAY.date()),
    ],
)
def test_an_event_names_somebody_and_something_known(event: events.Event) -> None:
    with pytest.raises(events.CannotApply) as refused:
        repair.repair(asked_of("a"), [("a", FIRST)], [event], BEFORE)

    assert refused.value.reason == "unknown"


def test_who_holds_a_slot_that_moves_comes_then_unless_a_rule_stops_him() -> None:
    published = [("a", FIRST), ("a", SECOND)]
    half_an_hour = timedelta(minutes=30)
    later = events.Move(SECOND, SLOTS[1].start + half_an_hour, SLOTS[1].end + half_an_hour)
    next_day = events.Move(
        SECOND,
        *(it.start + timedelta(days=1, hours=2 * at) for at, it in enumerate((SLOTS[0], SLOTS[0]))),
    )

    kept = repair.repair(asked_of("ab", SLOTS[:2]), published, [later], BEFORE)
    lost = repair.repair(asked_of("ab", SLOTS[:2]), published, [next_day], BEFORE)

    assert duties(kept) == set(published)
    assert kept.lost == kept.gained == ()
    assert len(lost.lost) == len(lost.gained) == 1
    assert lost.lost[0].why == "rearranged"


def test_a_slot_withdrawn_frees_its_doctor_and_an_added_one_is_filled() -> None:
    caps = [Doctor("a", max_per_period=1), Doctor("b", max_per_period=1)]
    published = [("a", FIRST), ("b", SECOND)]

    found = repair.repair(asked_of(caps, SLOTS[:3]), published, [], BEFORE)
    freed = repair.repair(asked_of(caps, SLOTS[:3]), published, [events.Withdrawal(FIRST)], BEFORE)

    assert duties(found) == set(published)
    assert duties(freed) == {("a", THIRD), ("b", SECOND)}
    assert told(freed.lost) == [("a", FIRST, "withdrawn")]


def test_ros_11_the_duties_of_a_replaced_doctor_pass_to_the_locum_first() -> None:
    doctors = [Doctor("i"), Doctor("j", history_points=50), Doctor("k")]
    published = [("i", FIRST), ("i", FOURTH)]
    days = (MONDAY.date(), MONDAY.date() + timedelta(days=9))
    told_by_file = [replace(doctors[0], replaced=(records.Replacement(*days, "j"),)), *doctors[1:]]

    asked = repair.repair(
        asked_of(doctors), published, [events.Replacement("i", "j", *days)], BEFORE
    )
    in_the_file = repair.repair(asked_of(told_by_file), published, [], BEFORE)

    for found in (asked, in_the_file):
        assert ("j", FIRST, "transferred") in told(found.gained)
        assert told(found.lost) == [("i", FIRST, "replaced")]
        assert ("i", FOURTH) in duties(found)
        assert not {("i", SECOND), ("i", THIRD)} & duties(found)


def test_ros_11_a_duty_the_locum_may_not_take_goes_to_somebody_else() -> None:
    doctors = [Doctor("i"), Doctor("j", licence_until=date(2027, 1, 31)), Doctor("k")]
    event = events.Replacement("i", "j", MONDAY.date(), MONDAY.date())

    found = repair.repair(asked_of(doctors, SLOTS[:1]), [("i", FIRST)], [event], BEFORE)

    assert told(found.gained) == [("k", FIRST, "assigned")]


def test_a_published_duty_counts_as_offered_and_one_of_nobody_known_is_gone() -> None:
    asked = records.from_records(SLOTS[:1], [Doctor("a")], [])

    found = repair.repair(asked, [("a", FIRST), ("z", FIRST), ("a", "x")], [], BEFORE)

    assert duties(found) == {("a", FIRST)}
    assert told(found.lost) == [("a", "x", "gone"), ("z", FIRST, "gone")]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(cramped.cramped(), st.data())
def test_a_repair_is_the_best_there_is_by_trying_everything(
    asked: problem.Problem, data: st.DataObject
) -> None:
    every = [(rpps, slot_id) for rpps in asked.rpps for slot_id in asked.slot_ids]
    published = data.draw(st.sets(st.sampled_from(every), max_size=5))
    ill = data.draw(st.sampled_from(asked.rpps))

    found = repair.repair(
        asked, published, [events.Absence(ill, date(2026, 1, 1), date(2028, 1, 1))], LONG_BEFORE
    )

    standing = {(rpps, slot_id) for rpps, slot_id in published if rpps != ill}
    values = [
        -it.value if it.name in check.LESS_IS_BETTER else it.value for it in found.outcome.levels
    ]
    assert found.outcome.status == "optimal"
    assert tuple(values) == cramped.best_by_trying_everything(_after(asked, standing, ill))
    assert {(it.rpps, it.slot_id) for it in found.lost} == published - duties(found)
    assert {(it.rpps, it.slot_id) for it in found.gained} == duties(found) - published
    assert not any(rpps == ill for rpps, _ in duties(found))


def _after(asked: problem.Problem, standing: set[Named], ill: str) -> problem.Problem:
    """The question as it is once somebody is ill, written row by row."""
    wishes = {
        (asked.rpps[d], asked.slot_ids[s]): int(wish)
        for d, s, wish in zip(asked.pair_doctor, asked.pair_slot, asked.pair_wish, strict=True)
    }
    pairs = sorted(pair for pair in {*wishes, *standing} if pair[0] != ill)
    return replace(
        asked,
        pair_doctor=np.array([asked.rpps.index(rpps) for rpps, _ in pairs], np.int64),
        pair_slot=np.array([asked.slot_ids.index(slot_id) for _, slot_id in pairs], np.int64),
        pair_wish=np.array([wishes.get(pair, 0) for pair in pairs], np.int64),
        pair_published=np.array([pair in standing for pair in pairs], np.bool_),
        pair_pinned=np.zeros(len(pairs), np.bool_),
        published_size=len(standing),
    )


def test_a_repair_of_a_quarter_of_uneven_points_agrees_with_the_other_engine() -> None:
    asked = instances.a_quarter(3, doctors=30, weeks=6)
    out = solve.solve(asked).roster
    published = [(asked.rpps[d], asked.slot_ids[s]) for d, s in out.duties()]
    busiest = asked.rpps[int(np.bincount(out.doctor).argmax())]
    now = datetime(2027, 1, 13, tzinfo=PARIS).astimezone(UTC)

    found = repair.repair(
        asked, published, [events.Absence(busiest, date(2027, 1, 1), date(2027, 6, 1))], now
    )

    alone = solve.solve(found.problem, flow=False)
    assert [it.value for it in found.outcome.levels] == [it.value for it in alone.levels]
    assert {it.proved_by for it in found.outcome.levels[:4]} == {"flow"}
    assert found.outcome.status == "optimal"
