from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, time, timedelta

import pytest

from scheduler import regimes, templates
from scheduler.templates import (
    HOLIDAY,
    Circumstance,
    Closure,
    Line,
    SchoolHolidays,
    Slot,
    Span,
    Special,
    Template,
    Weight,
)

METZ = regimes.Territory("57463")
WEEKDAYS = frozenset(range(5))
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
EVENING = Line("soir", "A", WEEKDAYS, time(18), time(20), hardness=3, points=2)
MORNING = Line("samedi", "B", frozenset({SATURDAY}), time(9), time(13), doctors_needed=2, points=4)
NIGHT = Line("nuit", "A", templates.EVERY_DAY, time(20), time(8), hardness=1, points=6)
MAY = Span(date(2027, 5, 1), date(2027, 5, 31))
SPRING = SchoolHolidays("B", Span(date(2027, 4, 17), date(2027, 5, 2)))


def slots(template: Template, first: date, last: date | None = None) -> list[Slot]:
    return list(templates.slots_of(template, first, last or first, METZ))


def named(found: Iterable[Slot]) -> list[str]:
    return [it.slot_id for it in found]


def test_an_ordinary_week_has_its_lines_in_the_order_of_time() -> None:
    week = slots(Template((MORNING, EVENING)), date(2027, 6, 7), date(2027, 6, 13))

    assert named(week) == [
        *(f"soir-2027-06-{day:02}" for day in range(7, 12)),
        "samedi-2027-06-12",
    ]
    assert week[0].start.isoformat() == "2027-06-07T18:00:00+02:00"
    assert week[-1].end.isoformat() == "2027-06-12T13:00:00+02:00"
    assert (week[-1].site_id, week[-1].doctors_needed, week[-1].points) == ("B", 2, 4)


def test_a_public_holiday_is_no_weekday_but_a_day_of_its_own() -> None:
    feast = replace(EVENING, line_id="ferie", days=frozenset({SUNDAY, HOLIDAY}))

    # Good Friday in Metz, then Saturday, Easter, Easter Monday, Tuesday.
    found = slots(Template((EVENING, feast)), date(2027, 3, 26), date(2027, 3, 30))

    assert named(found) == [
        "ferie-2027-03-26",
        "ferie-2027-03-28",
        "ferie-2027-03-29",
        "soir-2027-03-30",
    ]


def test_the_same_template_makes_the_same_slots_in_parts_or_at_once() -> None:
    template = Template((NIGHT, EVENING, MORNING))

    whole = slots(template, date(2027, 3, 1), date(2027, 3, 31))
    parts = [slots(template, date(2027, 3, 1) + timedelta(days=n)) for n in range(31)]

    assert sorted(named(whole)) == sorted(name for part in parts for name in named(part))
    assert len({*named(whole)}) == len(whole)


@pytest.mark.parametrize(
    ("day", "hours", "end"),
    [
        (date(2027, 3, 27), 11, "2027-03-28T08:00:00+02:00"),
        (date(2027, 10, 30), 13, "2027-10-31T08:00:00+01:00"),
        (date(2027, 6, 12), 12, "2027-06-13T08:00:00+02:00"),
    ],
)
def test_a_night_lasts_as_long_as_its_clocks_say(day: date, hours: int, end: str) -> None:
    (night,) = slots(Template((NIGHT,)), day)

    assert night.end.astimezone(UTC) - night.start.astimezone(UTC) == timedelta(hours=hours)
    assert night.end.isoformat() == end
    assert sum(it.seconds for it in regimes.cut(night.start, night.end, METZ)) == hours * 3600


@pytest.mark.parametrize(
    ("begin", "finish", "day", "minutes"),
    [
        (time(2), time(3), date(2027, 10, 31), 120),  # both comings of the hour
        (time(1), time(2, 30), date(2027, 10, 31), 150),  # to the last coming of 2:30
        (time(2, 30), time(4), date(2027, 10, 31), 150),  # from the first one
        (time(2), time(3), date(2027, 3, 28), None),  # the hour is skipped
        (time(2, 30), time(2, 45), date(2027, 3, 28), 15),
        (time(1), time(4), date(2027, 3, 28), 120),
        (time(0), time(0), date(2027, 6, 12), 1440),
    ],
)
def test_a_slot_of_the_hour_that_comes_twice_or_not_at_all(
    begin: time, finish: time, day: date, minutes: int | None
) -> None:
    line = replace(NIGHT, start=begin, end=finish)

    lasting = [
        (it.end.astimezone(UTC) - it.start.astimezone(UTC)) // timedelta(minutes=1)
        for it in slots(Template((line,)), day)
    ]

    assert lasting == ([] if minutes is None else [minutes])


@pytest.mark.parametrize(
    ("day", "weight", "points"),
    [
        (date(2027, 4, 23), "vendredi", 4),
        (date(2027, 5, 5), "veille", 5),  # the eve of Ascension
        (date(2027, 5, 7), "pont", 7),  # a Friday too: the first that fits wins
        (date(2027, 3, 25), "veille", 5),  # the eve of Good Friday, in Metz
        (date(2027, 6, 8), "", 2),
    ],
)
def test_the_first_weight_that_fits_a_day_wins(day: date, weight: str, points: int) -> None:
    template = Template(
        (EVENING,),
        weights=(
            Weight("pont", 1, 7, when=frozenset({Circumstance.BRIDGE_DAY})),
            Weight("veille", 1, 5, when=frozenset({Circumstance.HOLIDAY_EVE})),
            Weight("vendredi", 1, 4, days=frozenset({FRIDAY})),
        ),
    )

    (found,) = slots(template, day)

    assert (found.weight, found.points) == (weight, points)
    assert found.hardness == (1 if weight else 3)


def test_a_weight_asks_for_all_of_its_conditions() -> None:
    template = Template(
        (EVENING, MORNING, replace(MORNING, line_id="autre", site_id="C")),
        weights=(
            Weight(
                "samedi de vacances",
                1,
                9,
                days=frozenset({SATURDAY}),
                when=frozenset({Circumstance.SCHOOL_HOLIDAYS}),
                line_ids=frozenset({"samedi"}),
                span=Span(date(2027, 4, 24), date(2027, 12, 31)),
            ),
        ),
        school_holidays=(SPRING, SchoolHolidays("A", Span(date(2027, 5, 3), date(2027, 5, 16)))),
        school_zone="B",
    )

    heavy = [it for it in slots(template, date(2027, 4, 12), date(2027, 5, 16)) if it.points == 9]

    # Not the 17th of April, before its span; 1 and 8 May are holidays, the 15th is zone A's.
    assert named(heavy) == ["samedi-2027-04-24"]


def test_a_special_period_changes_seats_and_adds_lines_on_its_days_only() -> None:
    fair = Special(
        "foire",
        Span(date(2027, 5, 10), date(2027, 5, 11)),
        doctors_needed={"soir": 3, "samedi": 0},
        lines=(replace(EVENING, line_id="foire", site_id="D"),),
    )
    epidemic = Special("grippe", MAY, doctors_needed={"soir": 2, "samedi": 0})

    found = slots(
        Template((EVENING, MORNING), specials=(fair, epidemic)),
        date(2027, 5, 10),
        date(2027, 5, 15),
    )

    seats = {it.slot_id: it.doctors_needed for it in found}
    assert seats == {
        "foire-2027-05-10": 1,
        "soir-2027-05-10": 3,
        "foire-2027-05-11": 1,
        "soir-2027-05-11": 3,
        "soir-2027-05-12": 2,
        "soir-2027-05-13": 2,
        "soir-2027-05-14": 2,
    }


def test_a_closed_site_has_no_slot_and_a_closed_territory_none_at_all() -> None:
    closures = (
        Closure(Span(date(2027, 6, 8), date(2027, 6, 12)), "A"),
        Closure(Span(date(2027, 6, 14), date(2027, 6, 19))),
    )

    found = slots(
        Template((EVENING, MORNING), closures=closures), date(2027, 6, 7), date(2027, 6, 21)
    )

    assert named(found) == ["soir-2027-06-07", "samedi-2027-06-12", "soir-2027-06-21"]


def test_clocks_are_those_of_the_territory() -> None:
    overseas = regimes.Territory("97411")

    (found,) = templates.slots_of(Template((EVENING,)), *[date(2027, 6, 8)] * 2, overseas)

    assert found.start.isoformat() == "2027-06-08T18:00:00+04:00"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lines": (EVENING, EVENING)}, "named twice"),
        ({"specials": (Special("x", MAY, lines=(EVENING,)),)}, "named twice"),
        ({"specials": (Special("x", MAY, {"autre": 1}),)}, "not given"),
        ({"weights": (Weight("x", 1, 1, line_ids=frozenset({"autre"})),)}, "not given"),
        (
            {"weights": (Weight("x", 1, 1, when=frozenset({Circumstance.SCHOOL_HOLIDAYS})),)},
            "no school holidays",
        ),
    ],
)
def test_a_template_that_contradicts_itself_is_refused(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        replace(Template((EVENING,)), **change)


@pytest.mark.parametrize(
    "change",
    [
        {"days": frozenset()},
        {"days": frozenset({8})},
        {"doctors_needed": -1},
        {"hardness": 4},
        {"points": -1},
    ],
)
def test_a_line_out_of_its_limits_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="line 'soir'"):
        replace(EVENING, **change)


def test_days_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="comes before"):
        slots(Template((EVENING,)), date(2027, 6, 8), date(2027, 6, 7))
