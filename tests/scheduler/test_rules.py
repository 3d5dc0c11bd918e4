from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler import check, problem, records, rules
from scheduler.drafting import drafted
from scheduler.records import Doctor, Offer, Slot
from scheduler.roster import roster
from tests.scheduler import cramped

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2027, 2, 1, tzinfo=PARIS)
SUMMER_TIME = datetime(2027, 3, 28, tzinfo=PARIS)
WINTER_TIME = datetime(2026, 10, 25, tzinfo=PARIS)


def a_slot(day: int, begin: int = 18, end: int = 20, *, first: datetime = MONDAY, **other) -> Slot:
    start = first + timedelta(days=day, hours=begin)
    finish = first + timedelta(days=day, hours=end)
    return Slot(f"{day:02}T{begin:02}", start, finish, **other)


def one_doctor(*slots: Slot, rest_days: int = 1, **caps: int) -> problem.Problem:
    offers = [Offer("dr", slot.slot_id) for slot in slots]
    return records.from_records(
        slots, [Doctor("dr", **caps)], offers, terms=problem.Terms(rest_days)
    )


def everything(asked: problem.Problem) -> list[tuple[int, int]]:
    pairs = zip(asked.pair_doctor, asked.pair_slot, strict=True)
    return [(int(doctor), int(slot)) for doctor, slot in pairs]


def model_accepts(asked: problem.Problem, duties: list[tuple[int, int]]) -> bool:
    draft = drafted(asked)
    if not set(duties) <= set(everything(asked)):
        return False
    given = np.array([pair in duties for pair in everything(asked)], np.int64)
    allowed = (draft.least <= given).all() and (given <= draft.most).all()
    return bool(allowed) and all(
        (np.bincount(it.row, it.weight * given[it.pair], len(it.most)) <= it.most).all()
        for it in draft.limits
    )


def broken(asked: problem.Problem, duties: list[tuple[int, int]]) -> set[str]:
    names = {breach.rule for breach in check.breaches(asked, roster(duties))}
    assert model_accepts(asked, duties) is (not names)
    return names


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(cramped.cramped() | cramped.crowded_with_rules() | cramped.on_the_way(), st.data())
def test_the_model_accepts_a_forced_roster_exactly_if_nothing_is_breached(
    asked: problem.Problem, data: st.DataObject
) -> None:
    every = [(d, s) for d in range(len(asked.rpps)) for s in range(len(asked.slot_ids))]
    likely = st.sampled_from(everything(asked) or every)
    duties = sorted(data.draw(st.sets(likely | st.sampled_from(every), max_size=4)))

    breached = bool(check.breaches(asked, roster(duties)))

    assert model_accepts(asked, duties) is not breached
    if set(duties) <= set(everything(asked)) and breached is False:
        assert cramped.allowed(asked, duties)


def test_every_rule_has_a_name_a_source_and_two_halves() -> None:
    assert len({rule.name for rule in rules.RULES}) == len(rules.RULES)
    assert all(rule.source and rule.constrain.__doc__ for rule in rules.RULES)
    assert all(rule.breaches.__doc__ for rule in rules.RULES)


@pytest.mark.parametrize(("needed", "expected"), [(2, set()), (1, {"seats"}), (0, {"seats"})])
def test_a_slot_seats_as_many_doctors_as_it_needs_and_no_more(
    needed: int, expected: set[str]
) -> None:
    slot = a_slot(0, doctors_needed=needed)
    offers = [Offer("a", slot.slot_id), Offer("b", slot.slot_id)]
    asked = records.from_records([slot], [Doctor("a"), Doctor("b")], offers)

    assert broken(asked, [(0, 0), (1, 0)]) == expected


def test_one_doctor_never_takes_two_seats_of_a_slot() -> None:
    asked = one_doctor(a_slot(0, doctors_needed=2))

    twice = check.breaches(asked, roster([(0, 0), (0, 0)]))

    assert "seats" in {breach.rule for breach in twice}


def test_a_doctor_is_only_given_slots_he_offered() -> None:
    slots = [a_slot(0), a_slot(3)]
    asked = records.from_records(slots, [Doctor("dr")], [Offer("dr", slots[0].slot_id)])

    assert broken(asked, [(0, 0)]) == set()
    assert broken(asked, [(0, 1)]) == {"availability"}


def test_a_duty_may_begin_when_another_ends_but_not_before() -> None:
    touching = one_doctor(a_slot(0, 9, 13), a_slot(0, 13, 18))
    crossing = one_doctor(a_slot(0, 9, 13), a_slot(0, 12, 18))

    assert broken(touching, [(0, 0), (0, 1)]) == {"rest"}
    assert broken(crossing, [(0, 0), (0, 1)]) == {"overlap", "rest"}


@pytest.mark.parametrize(("rest_days", "next_day"), [(0, 1), (1, 2), (2, 3)])
def test_exactly_the_asked_free_days_are_enough_and_one_less_is_not(
    rest_days: int, next_day: int
) -> None:
    enough = one_doctor(a_slot(0), a_slot(next_day), rest_days=rest_days)
    short = one_doctor(a_slot(0, 9, 13), a_slot(next_day - 1, 18, 20), rest_days=rest_days)

    assert broken(enough, [(0, 0), (0, 1)]) == set()
    assert broken(short, [(0, 0), (0, 1)]) == {"rest"}


def test_rest_is_not_asked_of_a_duty_for_which_it_was_waived_but_of_all_others() -> None:
    slots = [a_slot(0), a_slot(1), a_slot(2)]
    offers = [Offer("dr", slot.slot_id, waives_rest=slot is slots[0]) for slot in slots]
    asked = records.from_records(slots, [Doctor("dr")], offers)

    assert broken(asked, [(0, 0), (0, 1)]) == set()
    assert broken(asked, [(0, 1), (0, 2)]) == {"rest"}


def close_together(gap_seconds: int, min_gap_seconds: int | None, rest_days: int = 0) -> set[str]:
    """What 18-20 and then a duty `gap_seconds` later on the same day break."""
    early = a_slot(0, 18, 20)
    late = replace(early, slot_id="z", start=early.end + timedelta(seconds=gap_seconds))
    late = replace(late, end=late.start + timedelta(hours=2))
    offers = [Offer("dr", early.slot_id), Offer("dr", late.slot_id)]
    terms = problem.Terms(rest_days=rest_days, min_gap_seconds=min_gap_seconds)
    asked = records.from_records([early, late], [Doctor("dr")], offers, terms=terms)
    return broken(asked, [(0, 0), (0, 1)])


@pytest.mark.parametrize(
    ("gap", "least", "expected"),
    [(0, 0, set()), (600, 600, set()), (599, 600, {"rest"}), (-1, 0, {"overlap", "rest"})],
)
def test_where_the_territory_says_so_two_duties_a_day_need_exactly_the_gap_between_them(
    gap: int, least: int, expected: set[str]
) -> None:
    assert close_together(gap, least) == expected
    assert "rest" in close_together(gap, None)


@pytest.mark.parametrize("sunday", [SUMMER_TIME, WINTER_TIME])
def test_the_gap_counts_real_seconds_on_the_night_the_clock_changes(sunday: datetime) -> None:
    evening = Slot("a", sunday - timedelta(hours=4), sunday)
    seconds = int((sunday + timedelta(hours=4)).timestamp() - sunday.timestamp())
    morning = Slot("b", sunday + timedelta(hours=4), sunday + timedelta(hours=8))
    offers = [Offer("dr", "a"), Offer("dr", "b")]

    enough, short = (
        records.from_records([evening, morning], [Doctor("dr")], offers, terms=terms)
        for terms in (problem.Terms(0, seconds), problem.Terms(0, seconds + 1))
    )

    assert seconds in (3 * 3600, 5 * 3600)
    assert broken(enough, [(0, 0), (0, 1)]) == set()
    assert broken(short, [(0, 0), (0, 1)]) == {"rest"}


@pytest.mark.parametrize(("way", "expected"), [(3600, set()), (3601, {"travel"})])
def test_between_two_sites_lies_the_time_to_go_from_the_first_to_the_second(
    way: int, expected: set[str]
) -> None:
    slots = [a_slot(0, 9, 13, site="A"), a_slot(0, 14, 18, site="B")]
    offers = [Offer("dr", slot.slot_id) for slot in slots]
    terms = problem.Terms(rest_days=0, min_gap_seconds=0)

    there, back, same = (
        records.from_records(them, [Doctor("dr")], offers, terms=terms, travel_seconds=ways)
        for them, ways in (
            (slots, {("A", "B"): way}),
            (slots, {("B", "A"): way}),
            ([replace(slot, site="B") for slot in slots], {("A", "B"): way}),
        )
    )

    assert broken(there, [(0, 0), (0, 1)]) == expected
    assert broken(back, [(0, 0), (0, 1)]) == set()
    assert broken(same, [(0, 0), (0, 1)]) == set()


def test_the_way_counts_across_midnight_too() -> None:
    slots = [a_slot(0, 20, 24, site="A"), a_slot(1, 0, 6, site="B")]
    asked = records.from_records(
        slots,
        [Doctor("dr")],
        [Offer("dr", slot.slot_id) for slot in slots],
        terms=problem.Terms(rest_days=0),
        travel_seconds={("A", "B"): 1},
    )

    assert broken(asked, [(0, 0), (0, 1)]) == {"travel"}


def test_a_duty_that_ends_at_midnight_does_not_touch_the_next_day() -> None:
    until_midnight = one_doctor(a_slot(0, 20, 24), a_slot(2))
    past_midnight = one_doctor(a_slot(0, 20, 25), a_slot(2))

    assert broken(until_midnight, [(0, 0), (0, 1)]) == set()
    assert broken(past_midnight, [(0, 0), (0, 1)]) == {"rest"}


@pytest.mark.parametrize("sunday", [SUMMER_TIME, WINTER_TIME])
def test_the_days_are_those_of_the_wall_clock_on_the_night_it_changes(sunday: datetime) -> None:
    midnight = sunday + timedelta(days=1)
    last_hour = Slot("a", midnight - timedelta(hours=4), midnight)
    monday = Slot("b", midnight + timedelta(hours=18), midnight + timedelta(hours=20))
    tuesday = Slot("c", monday.start + timedelta(days=1), monday.end + timedelta(days=1))

    assert broken(one_doctor(last_hour, monday), [(0, 0), (0, 1)]) == {"rest"}
    assert broken(one_doctor(last_hour, tuesday), [(0, 0), (0, 1)]) == set()


def test_a_cap_by_week_counts_iso_weeks_by_the_local_start() -> None:
    week = one_doctor(a_slot(0), a_slot(6), max_per_week=1)
    next_week = one_doctor(a_slot(5), a_slot(7, 0, 2), max_per_week=1)
    across_the_year = one_doctor(
        a_slot(0, first=datetime(2026, 12, 28, tzinfo=PARIS)),
        a_slot(4, first=datetime(2026, 12, 28, tzinfo=PARIS)),
        max_per_week=1,
    )

    assert broken(week, [(0, 0), (0, 1)]) == {"max_per_week"}
    assert broken(next_week, [(0, 0), (0, 1)]) == set()
    assert broken(across_the_year, [(0, 0), (0, 1)]) == {"max_per_week"}


def test_a_cap_by_month_counts_calendar_months_by_the_local_start() -> None:
    # In UTC the second duty begins on 28 February.
    march = datetime(2027, 3, 1, tzinfo=PARIS)
    same = one_doctor(a_slot(0), a_slot(27), max_per_month=1)
    next_month = one_doctor(a_slot(25), a_slot(0, 0, 2, first=march), max_per_month=1)

    assert broken(same, [(0, 0), (0, 1)]) == {"max_per_month"}
    assert broken(next_month, [(0, 0), (0, 1)]) == set()


@pytest.mark.parametrize(("cap", "expected"), [(2, set()), (1, {"max_per_period"})])
def test_a_cap_of_the_period_counts_the_whole_file(cap: int, expected: set[str]) -> None:
    asked = one_doctor(a_slot(0), a_slot(60), max_per_period=cap)

    assert broken(asked, [(0, 0), (0, 1)]) == expected


@pytest.mark.parametrize("cap", ["max_per_week", "max_per_month", "max_per_period"])
def test_a_cap_of_zero_forbids_every_duty(cap: str) -> None:
    assert broken(one_doctor(a_slot(0), **{cap: 0}), [(0, 0)]) == {cap}
    assert broken(one_doctor(a_slot(0), **{cap: 1}), [(0, 0)]) == set()
