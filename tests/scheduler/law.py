"""Holidays and regimes written a second time, sharing nothing with the code they check."""

from datetime import date, timedelta

from scheduler.regimes import Opening


def gauss_easter(year: int) -> date:
    """Another way to Easter: the rule of Gauss, with its two exceptions."""
    golden, leap, week = year % 19, year % 4, year % 7
    century = year // 100
    m = (15 - (13 + 8 * century) // 25 + century - century // 4) % 30
    n = (4 + century - century // 4) % 7
    moon = (19 * golden + m) % 30
    late = (2 * leap + 4 * week + 6 * moon + n) % 7
    if (moon, late) == (29, 6):
        return date(year, 4, 19)
    if (moon, late) == (28, 6) and (11 * m + 11) % 30 < 19:
        return date(year, 4, 18)
    return date(year, 3, 22) + timedelta(days=moon + late)


def by_hand(year: int, code_insee: str) -> set[date]:
    """The law once more, as a list of what a person would write down."""
    sunday = gauss_easter(year)
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    fixed += [(12, 26)] if code_insee.startswith("57") else []
    moving = [1, 39, 50] + ([-2] if code_insee in {"57463", "57480", "57032"} else [])
    return {date(year, *it) for it in fixed} | {sunday + timedelta(days=it) for it in moving}


def slowly(minute: int, day: date, off: frozenset[date], opening: Opening) -> tuple[str, str]:
    """The law once more, for a minute of a day, in the order in which its text stands."""
    weekday = day.isoweekday()
    part = [n for n, first in enumerate((0, 360, 480, 1200)) if first <= minute][-1]
    band = ("deep_night", "early", "day", "evening")[part]
    if band != "day" or weekday == 7 or day in off:
        return "pdsa", band
    if weekday == 6 and opening.saturday_afternoon_open and minute >= 720:
        return "pdsa", band
    eve, morrow = day - timedelta(days=1), day + timedelta(days=1)
    bridge = (weekday == 1 and morrow in off) or (weekday in {5, 6} and eve in off)
    if opening.bridge_saturday == "long_weekend" and weekday == 6:
        bridge = bridge or day - timedelta(days=2) in off
    return ("pdsa" if bridge and opening.bridge_days_open else "snp"), band
