"""The rules about one doctor and one duty: locums, replacements, decisions, money, minimums."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler import check, notices, problem, records, solve
from scheduler.notices import Indemnity, Transfer
from scheduler.records import Authorisation, Doctor, Offer, Replacement, Slot
from scheduler.roster import roster
from tests.scheduler.test_rules import a_slot, broken

PARIS = ZoneInfo("Europe/Paris")
OCTOBER = date(2026, 10, 1)


def on(day: date, begin: int = 18, end: int = 20, **other: object) -> Slot:
    midnight = datetime(day.year, day.month, day.day, tzinfo=PARIS)
    start, finish = (midnight + timedelta(hours=hour) for hour in (begin, end))
    return Slot(f"{day}T{begin:02}", start, finish, **other)


def alone(slot: Slot, doctor: Doctor, **decided: object) -> problem.Problem:
    return records.from_records([slot], [doctor], [Offer(doctor.rpps, slot.slot_id)], **decided)


def obstacles(slot: Slot, doctor: Doctor, **decided: object) -> set[str]:
    """What giving this duty to this doctor breaks; the solver leaves the seat empty for it."""
    asked = alone(slot, doctor, **decided)
    found = broken(asked, [(0, 0)])
    assert bool(solve.solve(asked).roster.duties()) is not bool(found)
    return found


@pytest.mark.parametrize(
    ("day", "end", "expected"),
    [
        (date(2026, 11, 15), 24, set()),
        (date(2026, 11, 15), 25, {"licence"}),
        (date(2026, 11, 16), 20, {"licence"}),
    ],
)
def test_ros_10_a_licence_ending_15_november_covers_that_day_and_not_the_next(
    day: date, end: int, expected: set[str]
) -> None:
    locum = Doctor("j", licence_until=date(2026, 11, 15))

    assert obstacles(on(day, 18, end), locum) == expected


@pytest.mark.parametrize(
    ("departement", "day", "expected"),
    [
        ("57", date(2026, 9, 30), set()),
        ("57", date(2026, 10, 1), {"authorisation"}),
        ("57", date(2026, 6, 30), {"authorisation"}),
        ("54", date(2026, 8, 15), {"authorisation"}),
        ("", date(2026, 8, 15), set()),
        ("", date(2026, 10, 1), {"authorisation"}),
    ],
)
def test_ros_10_a_student_locum_authorised_in_57_until_30_september_is_not_assigned_elsewhere(
    departement: str, day: date, expected: set[str]
) -> None:
    locum = Doctor(
        "j",
        licence_until=date(2026, 11, 15),
        authorisations=(Authorisation("57", date(2026, 7, 1), date(2026, 9, 30)),),
    )

    assert obstacles(on(day, departement=departement), locum) == expected
    assert obstacles(on(day, departement=departement), Doctor("on the roll")) == set()


def test_a_renewed_authorisation_covers_the_night_between_the_two() -> None:
    until, since = date(2026, 9, 30), date(2026, 10, 1)
    first = Authorisation("57", date(2026, 7, 1), until)
    night = on(until, 20, 32, departement="57")

    renewed, elsewhere, late = (
        Doctor("j", authorisations=(second, first))
        for second in (
            Authorisation("57", since, date(2026, 12, 31)),
            Authorisation("54", since, date(2026, 12, 31)),
            Authorisation("57", since + timedelta(days=1), date(2026, 12, 31)),
        )
    )

    assert obstacles(night, renewed) == set()
    assert obstacles(night, elsewhere) == obstacles(night, late) == {"authorisation"}
    assert obstacles(night, Doctor("j", authorisations=())) == {"authorisation"}


@pytest.mark.parametrize(
    ("day", "begin", "end", "expected"),
    [
        (date(2026, 6, 30), 20, 24, set()),
        (date(2026, 6, 30), 20, 25, {"replaced"}),
        (date(2026, 7, 1), 0, 6, {"replaced"}),
        (date(2026, 7, 10), 20, 24, {"replaced"}),
        (date(2026, 7, 11), 0, 6, set()),
    ],
)
def test_ros_11_a_doctor_replaced_from_1_to_10_july_is_never_on_duty_in_that_period(
    day: date, begin: int, end: int, expected: set[str]
) -> None:
    away = Doctor("i", replaced=(Replacement(date(2026, 7, 1), date(2026, 7, 10), "j"),))

    assert obstacles(on(day, begin, end), away) == expected


def test_ros_11_the_duties_of_a_replaced_doctor_are_offered_to_the_locum() -> None:
    slots = [on(date(2026, 7, day)) for day in (2, 9, 12)]
    known, unknown = (Replacement(date(2026, 7, 1), date(2026, 7, 10), it) for it in ("j", None))
    offers = [Offer("i", slot.slot_id) for slot in slots] + [Offer("k", slots[1].slot_id)]
    named, nameless = (
        records.from_records(slots, [Doctor("i", replaced=(it,)), Doctor("j"), Doctor("k")], offers)
        for it in (known, unknown)
    )
    published = roster([(0, 0), (0, 1), (0, 2)])
    given = solve.solve(named).roster

    assert given.duties() == [(0, 2), (2, 1)]
    assert notices.transfers(named, published, given) == [
        Transfer(slots[0].slot_id, "i", "j"),
        Transfer(slots[1].slot_id, "i", "j", ("seats",)),
    ]
    assert [it.locum for it in notices.transfers(nameless, published, given)] == [None, None]


def test_a_forbidden_pair_is_not_given_even_if_nobody_else_can() -> None:
    slot = a_slot(0)

    assert obstacles(slot, Doctor("a"), forbidden=[("a", slot.slot_id)]) == {"forbidden"}
    assert obstacles(slot, Doctor("a")) == set()


def test_a_pinned_pair_stays_though_it_was_not_offered_and_costs_every_level() -> None:
    slots = [a_slot(0, hardness=3), a_slot(1, hardness=1)]
    offers = [Offer(rpps, slot.slot_id, 2) for rpps in "ab" for slot in slots]
    offers = [offer for offer in offers if offer != Offer("b", slots[1].slot_id, 2)]
    free, kept = (
        records.from_records(slots, [Doctor("a"), Doctor("b")], offers[1:], pinned=pins)
        for pins in ((), [("a", slots[0].slot_id)])
    )

    assert solve.solve(free).roster.duties() == [(0, 1), (1, 0)]
    assert solve.solve(kept).roster.duties() == [(0, 0)]
    assert {breach.rule for breach in check.breaches(kept, roster([]))} == {"pinned"}


@pytest.mark.parametrize(
    ("doctors", "days", "rule", "pinned"),
    [
        ("a", (0, 1), "rest", ["00T18", "01T18"]),
        ("ab", (0,), "seats", ["00T18", "00T18"]),
        ("a", (0, 2, 4), "max_per_week", ["00T18", "02T18", "04T18"]),
    ],
)
def test_pins_that_break_a_rule_together_are_refused_with_their_names(
    doctors: str, days: tuple[int, ...], rule: str, pinned: list[str]
) -> None:
    slots = [a_slot(day) for day in (*days, 20)]
    people = [Doctor(rpps, max_per_week=2) for rpps in doctors]
    pins = [(rpps, slot.slot_id) for rpps in doctors for slot in slots]

    with pytest.raises(records.Contradiction) as refused:
        records.from_records(slots, people, [], pinned=pins if rule != "seats" else pins[::2])

    assert refused.value.rule == rule
    assert sorted(slot_id for _, slot_id in refused.value.duties) == pinned
    assert all(slot_id in str(refused.value) for slot_id in pinned)


def test_a_pin_that_is_forbidden_is_refused() -> None:
    pair = ("a", "00T18")

    with pytest.raises(ValueError, match="'a' on '00T18': rule forbidden"):
        alone(a_slot(0), Doctor("a"), pinned=[pair], forbidden=[pair])


def test_ros_15_at_90_percent_of_the_ceiling_a_warning_appears_and_nothing_is_refused() -> None:
    slot, terms = a_slot(0, indemnity_cents=10), problem.Terms(indemnity_ceiling_cents=100)
    near, below, above = (
        alone(slot, Doctor("a", indemnity_so_far_cents=cents), terms=terms)
        for cents in (80, 79, 100)
    )

    told = [notices.indemnities(asked, solve.solve(asked).roster) for asked in (near, below, above)]

    assert told[0] == [Indemnity("a", 2027, 90, 100)]
    assert told[1] == []
    assert told[2] == [Indemnity("a", 2027, 110, 100)]


@pytest.mark.parametrize(("so_far", "expected"), [(90, set()), (91, {"indemnity"})])
def test_ros_15_above_the_ceiling_a_duty_is_refused_only_if_so_configured(
    so_far: int, expected: set[str]
) -> None:
    doctor = Doctor("a", indemnity_so_far_cents=so_far)
    strict, lenient = (
        problem.Terms(indemnity_ceiling_cents=100, ceiling_refuses=it) for it in (True, False)
    )

    assert obstacles(a_slot(0, indemnity_cents=10), doctor, terms=strict) == expected
    assert obstacles(a_slot(0, indemnity_cents=10), doctor, terms=lenient) == set()
    assert obstacles(a_slot(0, indemnity_cents=0), doctor, terms=strict) == set()


def test_the_ceiling_is_that_of_the_civil_year() -> None:
    slots = [on(day, indemnity_cents=10) for day in (date(2026, 12, 28), date(2027, 1, 4))]
    asked = records.from_records(
        slots,
        [Doctor("a", indemnity_so_far_cents=90)],
        [Offer("a", slot.slot_id) for slot in slots],
        terms=problem.Terms(indemnity_ceiling_cents=100, ceiling_refuses=True),
    )

    assert broken(asked, [(0, 0), (0, 1)]) == set()


def test_minimums_come_before_fairness_and_after_coverage() -> None:
    slots = [a_slot(0), a_slot(3)]
    doctors = [Doctor("tired", history_points=9, min_per_period=1), Doctor("fresh")]
    offers = [Offer(rpps, slot.slot_id) for rpps in ("tired", "fresh") for slot in slots]
    wanted = records.from_records(slots, doctors, offers)
    beyond = records.from_records(slots, doctors, [*offers[:1], offers[2]])

    outcome, short = solve.solve(wanted), solve.solve(beyond)

    assert check.loads(wanted, outcome.roster) == [1, 1]
    assert [level.name for level in outcome.levels] == [*check.level_names(wanted)]
    assert outcome.levels[3].value == 0
    assert short.levels[3].name == "minimums"
    assert "minimums" not in check.level_names(alone(slots[0], Doctor("a")))
