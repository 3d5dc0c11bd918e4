from datetime import date

import holidays as published
import pytest

from fixtures import communes
from scheduler import holidays
from tests.scheduler import law

YEARS = range(2000, 2101)
METZ, NANCY, WOIPPY = "57463", "54395", "57751"
SUBDIVISIONS = {
    "54395": None,
    "57463": "57",
    "67482": "6AE",
    "68066": "6AE",
    "97105": "971",
    "97209": "972",
    "97302": "973",
    "97411": "974",
    "97502": "PM",
    "97608": "976",
    "97701": "BL",
    "97801": "MF",
}
"""A commune of each place where the two may differ, and what the package calls the place."""


@pytest.mark.parametrize("year", [2026, 2027])
def test_ros_05_good_friday_and_26_december_are_holidays_in_metz_and_ordinary_days_in_nancy(
    year: int,
) -> None:
    friday, boxing_day = {2026: date(2026, 4, 3), 2027: date(2027, 3, 26)}[year], date(year, 12, 26)

    assert holidays.name(friday, METZ) == "Vendredi saint"
    assert holidays.name(boxing_day, METZ) == "Saint-Étienne"
    assert holidays.name(friday, NANCY) == holidays.name(boxing_day, NANCY) == ""


def test_every_commune_of_moselle_and_meurthe_et_moselle_has_the_right_holidays_for_25_years() -> (
    None
):
    codes = [it.code_insee for it in communes.load()]

    assert {code[:2] for code in codes} == {"54", "57"}
    assert [
        (code, year)
        for code in codes
        for year in range(2025, 2050)
        if set(holidays.of_year(year, code)) != law.by_hand(year, code)
    ] == []


def test_easter_agrees_with_another_rule_for_six_centuries() -> None:
    assert [y for y in range(1700, 2300) if holidays.easter(y) != law.gauss_easter(y)] == []
    assert holidays.easter(2038) == date(2038, 4, 25)
    assert holidays.easter(2285) == date(2285, 3, 22)


def test_the_package_differs_only_where_custom_is_no_law_and_in_two_islands() -> None:
    found = {
        (code[:3] if code[:2] == "97" else code[:2], "+" if own else "-", name, years)
        for code, place in SUBDIVISIONS.items()
        for own, name, years in _differences(code, place)
    }

    assert found == {
        # Days off by custom or by agreement: L3133-1 and L3422-2 do not know them.
        ("971", "-", "Vendredi saint", (2000, 2100)),
        ("971", "-", "Mi-Carême", (2000, 2100)),
        ("971", "-", "Fête de Victor Schoelcher", (2000, 2100)),
        ("972", "-", "Fête de Victor Schoelcher", (2000, 2100)),
        ("978", "-", "Fête de Victor Schoelcher", (2012, 2100)),
        # Part of Guadeloupe until 2007; without a day of their own until the decree of 2012.
        ("977", "+", "Abolition de l'esclavage", (2000, 2007)),
        ("978", "+", "Abolition de l'esclavage", (2000, 2017)),
        # 27 May by the decree, until the circular of 2018.
        ("978", "-", "Abolition de l'esclavage", (2012, 2017)),
    }


def _differences(code: str, place: str | None) -> list[tuple[bool, str, tuple[int, int]]]:
    """Names only we have (True) or only the package has, with the first and last year."""
    years: dict[tuple[bool, str], list[int]] = {}
    for year in YEARS:
        theirs = published.country_holidays("FR", subdiv=place, years=year, language="fr")
        listed = {(day, it) for day, names in theirs.items() for it in names.split("; ")}
        ours = holidays.of_year(year, code)
        own = {(day, it) for day, names in ours.items() for it in names.split(" et ")}
        for day, name in own ^ listed:
            years.setdefault(((day, name) in own, name), []).append(year)
    return [(own, name, (min(them), max(them))) for (own, name), them in years.items()]


def test_good_friday_holds_only_where_a_church_is_known_or_somebody_says_so() -> None:
    friday = date(2026, 4, 3)

    assert holidays.name(friday, WOIPPY) == ""
    assert holidays.name(friday, WOIPPY, good_friday=True) == "Vendredi saint"
    assert holidays.name(friday, METZ, good_friday=False) == ""
    assert holidays.name(date(2026, 12, 26), WOIPPY) == "Saint-Étienne"


def test_nobody_makes_good_friday_a_holiday_outside_alsace_moselle() -> None:
    assert holidays.name(date(2026, 4, 3), NANCY, good_friday=True) == ""
    assert [
        it for it in holidays.PROTESTANT_CHURCHES if not holidays.may_have_good_friday(it)
    ] == []


@pytest.mark.parametrize(
    ("code_insee", "day"),
    [
        ("97105", date(2026, 5, 27)),
        ("97209", date(2026, 5, 22)),
        ("97302", date(2026, 6, 10)),
        ("97411", date(2026, 12, 20)),
        ("97608", date(2026, 4, 27)),
        ("97701", date(2026, 10, 9)),
        ("97801", date(2026, 5, 28)),
        ("97801", date(2018, 5, 28)),
        ("97801", date(2017, 5, 27)),
        ("97701", date(2007, 5, 27)),
    ],
)
def test_an_overseas_territory_remembers_the_abolition_on_its_own_day(
    code_insee: str, day: date
) -> None:
    local = set(holidays.of_year(day.year, code_insee)) - set(holidays.of_year(day.year, NANCY))

    assert local == {day}
    assert holidays.name(day, code_insee) == "Abolition de l'esclavage"


def test_two_holidays_on_one_day_share_it() -> None:
    assert holidays.name(date(2008, 5, 1), NANCY) == "Ascension et Fête du Travail"
    assert holidays.name(date(2019, 6, 10), "97302") == (
        "Lundi de Pentecôte et Abolition de l'esclavage"
    )
    assert len(holidays.of_year(2008, NANCY)) == 10


def test_a_year_has_eleven_holidays_in_their_order_with_french_names() -> None:
    days = holidays.of_year(2027, NANCY)

    assert list(days) == sorted(days)
    assert [*days.values()] == [
        "Jour de l'an",
        "Lundi de Pâques",
        "Fête du Travail",
        "Ascension",
        "Fête de la Victoire",
        "Lundi de Pentecôte",
        "Fête nationale",
        "Assomption",
        "Toussaint",
        "Armistice",
        "Noël",
    ]


@pytest.mark.parametrize("code", ["01004", "2A004", "2B033", "95018", "97502", "97801"])
def test_a_commune_of_any_departement_is_known(code: str) -> None:
    assert holidays.departement(code) in {code[:2], code[:3]}


@pytest.mark.parametrize(
    "code", ["", "57", "574630", "00001", "20004", "96001", "97001", "98818", "99138", "2C004"]
)
def test_a_code_of_no_departement_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="no département"):
        holidays.of_year(2026, code)
