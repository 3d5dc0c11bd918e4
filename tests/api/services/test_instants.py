from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from api.services import errors, instants
from api.services.instants import Fault

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("2026-11-21T18:30:15Z", 18, 30),
        ("2026-11-21t18:30:15z", 18, 30),
        ("2026-11-21T18:30:15+01:00", 17, 30),
        ("2026-11-21T18:30:15+0100", 17, 30),
        ("2026-11-21T18:30:15 01:00", 17, 30),
        ("2026-11-21 18:30:15 01:00", 17, 30),
        ("2026-11-21T18:30:15-05:00", 23, 30),
        (" 2026-11-21T18:30:15 ", 17, 30),
        ("2026-11-21 18:30:15", 17, 30),
        ("2026-11-21T18:30:15,000", 17, 30),
    ],
)
def test_the_usual_ways_of_writing_an_instant_are_understood(
    text: str, hour: int, minute: int
) -> None:
    assert instants.read(text, PARIS) == datetime(2026, 11, 21, hour, minute, 15, tzinfo=UTC)


def test_civil_time_follows_the_clocks_of_the_territory() -> None:
    assert instants.read("2026-07-01T12:00", PARIS).hour == 10
    assert instants.read("2026-01-01T12:00", PARIS).hour == 11
    assert instants.read("2026-01-01T12:00", ZoneInfo("Indian/Reunion")).hour == 8


def test_the_hour_that_comes_twice_in_autumn_is_its_first_coming() -> None:
    assert instants.read("2026-10-25T02:30", PARIS) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.NOT_AN_INSTANT),
        ("demain", Fault.NOT_AN_INSTANT),
        ("2026-11-21", Fault.NOT_AN_INSTANT),
        ("21/11/2026 18:30", Fault.NOT_AN_INSTANT),
        ("2026-02-30T10:00Z", Fault.NOT_AN_INSTANT),
        ("2026-11-21T25:00Z", Fault.NOT_AN_INSTANT),
        ("2026-11-21T10:00+25:00", Fault.NOT_AN_INSTANT),
        ("1763740800", Fault.NOT_AN_INSTANT),
        ("1999-12-31T23:59Z", Fault.OUT_OF_RANGE),
        ("2101-01-01T00:00Z", Fault.OUT_OF_RANGE),
        ("0001-01-01T00:00+14:00", Fault.OUT_OF_RANGE),
        ("9999-12-31T23:59-12:00", Fault.OUT_OF_RANGE),
        ("2026-03-29T02:30", Fault.NO_SUCH_HOUR),
    ],
)
def test_what_is_not_an_instant_is_refused_with_its_fault(text: str, fault: Fault) -> None:
    with pytest.raises(errors.UnreadableInstant) as refused:
        instants.read(text, PARIS)

    assert refused.value.fault is fault


@pytest.mark.parametrize("text", ["2000-01-01T00:00Z", "2100-12-31T23:59Z"])
def test_the_first_and_the_last_year_are_understood(text: str) -> None:
    assert instants.read(text, PARIS).tzinfo is UTC
