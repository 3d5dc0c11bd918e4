from datetime import date, timedelta

import pytest

from scheduler import deadlines
from scheduler.deadlines import Step

FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)


def last_days(first_day: date = FIRST, last_day: date = LAST) -> dict[Step, date]:
    return {it.step: it.day for it in deadlines.deadlines(first_day, last_day)}


def test_ros_12_on_18_august_the_17th_is_passed_and_the_council_has_until_21_september() -> None:
    today = date(2026, 8, 18)

    submit, publish, report = deadlines.deadlines(FIRST, LAST)

    assert (submit.day, publish.day) == (date(2026, 8, 17), date(2026, 9, 21))
    assert (submit.passed(today), submit.days_left(today)) == (True, -1)
    assert (publish.passed(today), publish.days_left(today)) == (False, 34)
    assert (report.passed(today), report.day) == (False, date(2027, 1, 31))


def test_the_last_day_of_a_deadline_is_still_in_time() -> None:
    submit, *_ = deadlines.deadlines(FIRST, LAST)

    assert [submit.passed(submit.day + timedelta(days=n)) for n in (-1, 0, 1)] == [
        False,
        False,
        True,
    ]
    assert [submit.days_left(submit.day + timedelta(days=n)) for n in (-1, 0, 1)] == [1, 0, -1]


def test_days_are_those_of_the_calendar_over_leap_days_years_and_changes_of_clocks() -> None:
    assert last_days(date(2028, 3, 10), date(2028, 6, 9))[Step.PUBLISH] == date(2028, 2, 29)
    assert last_days(date(2027, 1, 4), date(2027, 4, 4))[Step.SUBMIT] == date(2026, 11, 20)
    assert last_days(date(2027, 4, 1), date(2027, 6, 30))[Step.PUBLISH] == date(2027, 3, 22)


@pytest.mark.parametrize(
    ("last_day", "report"),
    [
        (date(2026, 12, 31), date(2027, 1, 31)),
        (date(2026, 11, 30), date(2026, 12, 30)),
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2028, 1, 30), date(2028, 2, 29)),
        (date(2028, 2, 29), date(2028, 3, 29)),
        (date(2027, 1, 4), date(2027, 2, 4)),
    ],
)
def test_a_month_after_the_end_is_the_same_day_or_the_last_of_the_month(
    last_day: date, report: date
) -> None:
    assert last_days(date(2026, 1, 1), last_day)[Step.REPORT] == report


@pytest.mark.parametrize(
    ("first_day", "last_day", "enough"),
    [
        (FIRST, date(2026, 12, 31), True),
        (FIRST, date(2026, 12, 30), False),
        (date(2026, 11, 30), date(2027, 2, 27), True),
        (date(2026, 11, 30), date(2027, 2, 26), False),
        (date(2026, 1, 15), date(2026, 4, 14), True),
    ],
)
def test_a_roster_covers_three_months_up_to_the_eve_of_the_same_day(
    first_day: date, last_day: date, enough: bool
) -> None:
    assert deadlines.is_long_enough(first_day, last_day) is enough


def test_a_roster_that_ends_before_it_begins_has_no_deadline() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        deadlines.deadlines(LAST, FIRST)
