from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures import communes
from scheduler import regimes
from scheduler.regimes import Band, Opening, Piece, Regime, Territory
from tests.scheduler import law

PARIS = ZoneInfo("Europe/Paris")
PDSA, SNP = Regime.PDSA, Regime.SNP
METZ, NANCY = Territory("57463"), Territory("54395")
LONG_AGO = date(2000, 1, 1)


def opened(code_insee: str = "54395", **said) -> Territory:
    return Territory(code_insee, (Opening(LONG_AGO, **said),))


SATURDAYS = opened(saturday_afternoon_open=True)
BRIDGES = opened(bridge_days_open=True)
WEEKENDS = opened(bridge_days_open=True, bridge_saturday="long_weekend")


def at(text: str, territory: Territory = NANCY, zone: ZoneInfo = PARIS) -> Regime:
    return regimes.regime(datetime.fromisoformat(text).replace(tzinfo=zone), territory)


def told(pieces: tuple[Piece, ...]) -> list[tuple[str, str, str]]:
    return [(f"{it.start:%d %H:%M}", f"{it.end:%d %H:%M}", it.regime) for it in pieces]


DAYS = [date(2025, 1, 1) + timedelta(days=n) for n in range(25 * 365 + 6)]


def days_off(code_insee: str) -> frozenset[date]:
    return frozenset(day for year in range(2024, 2051) for day in law.by_hand(year, code_insee))


@cache
def expected(off: frozenset[date], opening: Opening) -> list[list[tuple[str, str]]]:
    """For each day, the regime and band of each of its 24 hours."""
    return [[law.slowly(60 * hour, day, off, opening) for hour in range(24)] for day in DAYS]


def hours(day: date, territory: Territory) -> list[tuple[str, str]]:
    return [
        (part.regime, part.band)
        for part in regimes.segments(day, territory)
        for _ in range((part.end_minute - part.start_minute) // 60)
    ]


@pytest.mark.parametrize("code_insee", [it.code_insee for it in communes.load()])
def test_25_years_of_a_commune_are_as_the_text_says_where_everything_is_open(
    code_insee: str,
) -> None:
    opening = Opening(LONG_AGO, True, True, "long_weekend")
    territory = Territory(code_insee, (opening,))
    told = expected(days_off(code_insee), opening)

    assert DAYS[-1] == date(2049, 12, 31)
    assert [d for d, row in zip(DAYS, told, strict=True) if hours(d, territory) != row] == []


@pytest.mark.parametrize("code_insee", ["54395", "57463", "57751"])
@pytest.mark.parametrize(
    "opening",
    [
        Opening(LONG_AGO),
        Opening(LONG_AGO, saturday_afternoon_open=True),
        Opening(LONG_AGO, bridge_days_open=True),
        Opening(LONG_AGO, bridge_days_open=True, bridge_saturday="long_weekend"),
    ],
)
def test_25_years_are_as_the_text_says_whatever_is_open(code_insee: str, opening: Opening) -> None:
    territory = Territory(code_insee, (opening,))
    told = expected(days_off(code_insee), opening)

    assert [d for d, row in zip(DAYS, told, strict=True) if hours(d, territory) != row] == []


@pytest.mark.parametrize("day", ["2026-04-03", "2026-05-15", "2026-06-13", "2027-05-08"])
@pytest.mark.parametrize("code_insee", ["54395", "57463"])
def test_every_minute_of_a_day_has_the_regime_of_the_text_and_of_its_segment(
    code_insee: str, day: str
) -> None:
    territory = opened(code_insee, saturday_afternoon_open=True, bridge_days_open=True)
    midnight = datetime.fromisoformat(day).replace(tzinfo=PARIS)
    parts = regimes.segments(midnight.date(), territory)
    off = days_off(code_insee)

    for minute in range(1440):
        instant = midnight + timedelta(minutes=minute)
        (part,) = (it for it in parts if it.start_minute <= minute < it.end_minute)
        told = (regimes.regime(instant, territory), regimes.band(instant, territory))
        assert told == law.slowly(minute, midnight.date(), off, territory.openings[0])
        assert told == (part.regime, part.band)


def test_ros_04_an_open_saturday_from_9_to_13_is_daytime_until_noon_and_one_duty() -> None:
    start, end = (datetime(2026, 6, 13, hour, tzinfo=PARIS) for hour in (9, 13))

    assert told(regimes.cut(start, end, SATURDAYS)) == [
        ("13 09:00", "13 12:00", "snp"),
        ("13 12:00", "13 13:00", "pdsa"),
    ]
    assert told(regimes.cut(start, end, NANCY)) == [("13 09:00", "13 13:00", "snp")]


@pytest.mark.parametrize("day", ["2026-04-03", "2026-12-26"])
def test_ros_05_the_day_is_pdsa_in_metz_and_like_any_other_in_nancy(day: str) -> None:
    # 26 December 2026 is a Saturday, and Saturdays are not opened here.
    assert at(f"{day} 10:00", METZ) == PDSA
    assert at(f"{day} 10:00", NANCY) == SNP


def test_ros_06_the_friday_after_ascension_is_pdsa_only_where_bridge_days_are_open() -> None:
    assert at("2026-05-15 18:00", BRIDGES) == at("2026-05-15 19:59", BRIDGES) == PDSA
    assert at("2026-05-15 18:00", NANCY) == at("2026-05-15 19:59", NANCY) == SNP


@pytest.mark.parametrize(
    ("clock", "closed", "open_"),
    [("11:59", SNP, SNP), ("12:00", SNP, PDSA), ("12:01", SNP, PDSA), ("19:59", SNP, PDSA)],
)
def test_saturday_turns_at_noon_where_it_is_open(clock: str, closed: Regime, open_: Regime) -> None:
    assert at(f"2026-06-13 {clock}") == closed
    assert at(f"2026-06-13 {clock}", SATURDAYS) == open_


@pytest.mark.parametrize(
    ("clock", "expected", "band"),
    [
        ("00:00", PDSA, Band.DEEP_NIGHT),
        ("05:59", PDSA, Band.DEEP_NIGHT),
        ("06:00", PDSA, Band.EARLY),
        ("07:59", PDSA, Band.EARLY),
        ("08:00", SNP, Band.DAY),
        ("18:00", SNP, Band.DAY),
        ("19:59", SNP, Band.DAY),
        ("20:00", PDSA, Band.EVENING),
        ("23:59", PDSA, Band.EVENING),
    ],
)
def test_a_weekday_turns_at_8_and_at_20_and_its_night_has_three_bands(
    clock: str, expected: Regime, band: Band
) -> None:
    instant = datetime.fromisoformat(f"2026-06-10 {clock}").replace(tzinfo=PARIS)

    assert regimes.regime(instant, NANCY) == expected
    assert regimes.band(instant, NANCY) == band


def test_the_eve_of_a_holiday_stays_daytime_until_20_and_a_holiday_does_not() -> None:
    assert at("2026-07-13 19:59", SATURDAYS) == SNP
    assert at("2026-07-14 18:00") == PDSA
    assert at("2026-07-14 08:00") == PDSA
    assert at("2026-07-15 08:00", BRIDGES) == SNP


def test_a_holiday_on_a_saturday_or_a_sunday_is_pdsa_all_day() -> None:
    assert at("2026-08-15 09:00") == PDSA
    assert at("2026-11-01 09:00") == PDSA
    assert at("2026-11-02 09:00", BRIDGES) == SNP


@pytest.mark.parametrize(
    ("day", "strict", "long_weekend"),
    [
        ("2026-07-13", PDSA, PDSA),  # Monday before a Tuesday
        ("2026-05-15", PDSA, PDSA),  # Friday after a Thursday
        ("2026-05-16", SNP, PDSA),  # Saturday after a Thursday
        ("2026-05-09", PDSA, PDSA),  # Saturday after a Friday, from the morning on
        ("2026-05-13", SNP, SNP),  # Wednesday before a Thursday
        ("2026-04-07", SNP, SNP),  # Tuesday after a Monday
        ("2025-07-15", SNP, SNP),  # Tuesday after a Monday
        ("2025-11-10", PDSA, PDSA),  # Monday before a Tuesday
        ("2026-08-14", SNP, SNP),  # Friday before a Saturday
        ("2021-11-12", PDSA, PDSA),  # Friday after a Thursday
        ("2024-11-02", PDSA, PDSA),  # Saturday after a Friday
        ("2026-01-03", SNP, PDSA),  # Saturday after a Thursday, 1 January
        ("2024-12-30", SNP, SNP),  # Monday two days before a holiday
        ("2029-12-31", PDSA, PDSA),  # Monday before a Tuesday of another year
    ],
)
def test_a_bridge_day_lies_before_on_mondays_and_after_on_fridays_and_saturdays(
    day: str, strict: Regime, long_weekend: Regime
) -> None:
    assert at(f"{day} 09:00", BRIDGES) == strict
    assert at(f"{day} 09:00", WEEKENDS) == long_weekend
    assert at(f"{day} 09:00") == SNP


def test_a_bridge_can_hang_on_a_local_holiday() -> None:
    # The Saturday after Good Friday.
    assert at("2026-04-04 09:00", opened("57463", bridge_days_open=True)) == PDSA
    assert at("2026-04-04 09:00", BRIDGES) == SNP


def test_an_opening_holds_from_its_first_day_until_the_next_one() -> None:
    changing = Territory(
        "54395",
        (
            Opening(date(2026, 6, 13), saturday_afternoon_open=True),
            Opening(date(2026, 6, 27), bridge_days_open=True),
        ),
    )

    noons = [at(f"2026-06-{day:02} 12:00", changing) for day in (6, 13, 20, 27)]

    assert noons == [SNP, PDSA, PDSA, SNP]
    assert at("2026-07-13 12:00", changing) == PDSA


def test_a_night_is_cut_at_midnight_at_6_and_at_8() -> None:
    start, end = datetime(2026, 6, 12, 18, tzinfo=PARIS), datetime(2026, 6, 13, 9, tzinfo=PARIS)

    pieces = regimes.cut(start, end, NANCY)

    assert told(pieces) == [
        ("12 18:00", "12 20:00", "snp"),
        ("12 20:00", "13 00:00", "pdsa"),
        ("13 00:00", "13 06:00", "pdsa"),
        ("13 06:00", "13 08:00", "pdsa"),
        ("13 08:00", "13 09:00", "snp"),
    ]
    assert [it.band for it in pieces] == ["day", "evening", "deep_night", "early", "day"]


def test_a_piece_carries_the_holiday_of_its_own_day() -> None:
    start, end = datetime(2026, 12, 24, 20, tzinfo=PARIS), datetime(2026, 12, 25, 8, tzinfo=PARIS)

    assert [it.holiday for it in regimes.cut(start, end, NANCY)] == ["", "Noël", "Noël"]


@pytest.mark.parametrize(
    ("eve", "night_hours", "after_midnight"),
    [(date(2026, 3, 28), 11, 5), (date(2026, 10, 24), 13, 7), (date(2026, 6, 12), 12, 6)],
)
def test_the_pieces_of_a_night_add_up_to_the_hours_really_worked(
    eve: date, night_hours: int, after_midnight: int
) -> None:
    start = datetime(eve.year, eve.month, eve.day, 20, tzinfo=PARIS)
    end = (start + timedelta(days=1)).replace(hour=8)

    pieces = regimes.cut(start, end, NANCY)

    assert [it.seconds / 3600 for it in pieces] == [4, after_midnight, 2]
    assert sum(it.seconds for it in pieces) == night_hours * 3600
    assert f"{pieces[0].start:%z}" != f"{pieces[-1].end:%z}" or night_hours == 12


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 386 * 24 * 60),
    st.integers(1, 60 * 24 * 4),
    st.sampled_from([NANCY, METZ, SATURDAYS, WEEKENDS, Territory("97411"), Territory("97502")]),
)
def test_the_pieces_touch_and_add_up_and_each_has_one_regime(
    first: int, minutes: int, territory: Territory
) -> None:
    begin = datetime(2025, 12, 20, tzinfo=UTC) + timedelta(minutes=first)
    end = begin + timedelta(minutes=minutes)

    pieces = regimes.cut(begin, end, territory)

    assert (pieces[0].start, pieces[-1].end) == (begin, end)
    assert all(a.end.astimezone(UTC) == b.start.astimezone(UTC) for a, b in pairwise(pieces))
    assert sum(it.seconds for it in pieces) == minutes * 60
    for it in pieces:
        last = it.end.astimezone(UTC) - timedelta(microseconds=1)
        assert {regimes.regime(moment, territory) for moment in (it.start, last)} == {it.regime}


@pytest.mark.parametrize(
    ("code_insee", "instant", "expected"),
    [
        ("97411", "2026-12-20 05:00", PDSA),  # 09:00 on a holiday in La Réunion, +4
        ("97411", "2026-06-10 15:59", SNP),
        ("97411", "2026-06-10 16:00", PDSA),  # 20:00 in La Réunion
        ("97105", "2026-06-10 23:59", SNP),
        ("97105", "2026-06-11 00:00", PDSA),  # 20:00 of the 10th in Guadeloupe, -4
        ("97302", "2026-06-10 12:00", PDSA),  # 09:00 of a holiday in Guyane, -3
        ("97209", "2026-05-22 12:00", PDSA),
        ("97608", "2026-04-27 06:00", PDSA),
        ("97502", "2026-07-01 10:00", SNP),  # 08:00 in Saint-Pierre in summer, -2
        ("97502", "2026-01-06 10:59", PDSA),  # 07:59 in winter, -3
        ("54395", "2026-06-10 05:59", PDSA),
        ("54395", "2026-06-10 06:00", SNP),
    ],
)
def test_an_instant_is_read_on_the_clocks_of_its_territory(
    code_insee: str, instant: str, expected: Regime
) -> None:
    assert at(instant, Territory(code_insee), ZoneInfo("UTC")) == expected


def test_an_hour_that_comes_twice_is_two_instants_of_one_band() -> None:
    twice = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]

    assert {it.astimezone(PARIS).hour for it in twice} == {2}
    assert [regimes.band(it, NANCY) for it in twice] == [Band.DEEP_NIGHT] * 2
    assert [it.seconds for it in regimes.cut(*twice, NANCY)] == [3600]


def test_what_makes_no_sense_is_refused() -> None:
    noon = datetime(2026, 6, 13, 12, tzinfo=PARIS)

    with pytest.raises(ValueError, match="no offset"):
        regimes.regime(noon.replace(tzinfo=None), NANCY)
    with pytest.raises(ValueError, match="does not end after"):
        regimes.cut(noon, noon, NANCY)
    with pytest.raises(ValueError, match="no département"):
        Territory("98818")
    with pytest.raises(ValueError, match="not a known time zone"):
        Territory("54395", timezone="Mars/Phobos")
    with pytest.raises(ValueError, match="not in order"):
        Territory("54395", (Opening(date(2026, 1, 1)), Opening(date(2026, 1, 1))))
