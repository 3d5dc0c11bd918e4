"""French public holidays of a commune: eleven everywhere, two more in Alsace-Moselle, one overseas.

The eleven national days come from the `holidays` package. What differs by place is our own rule,
because the law differs by commune and year where the package sees one list by region.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType

import holidays as published

ALSACE_MOSELLE = frozenset({"57", "67", "68"})

GOOD_FRIDAY = "Vendredi saint"
SAINT_STEPHEN = "Saint-Étienne"
ABOLITION = "Abolition de l'esclavage"

PROTESTANT_CHURCHES: Mapping[str, str] = MappingProxyType(
    {
        "57032": "Ars-sur-Moselle, temple of 1912",
        "57155": "Courcelles-Chaussy, temple of 1895",
        "57227": "Forbach, temple",
        "57463": "Metz, Temple Neuf of 1904",
        "57480": "Montigny-lès-Metz, temple of 1894",
        "57630": "Sarrebourg, temple",
        "57631": "Sarreguemines, temple",
        "57672": "Thionville, temple of 1888",
        "67482": "Strasbourg, Saint-Thomas and others",
        "68066": "Colmar, Saint-Matthieu",
        "68224": "Mulhouse, Saint-Étienne",
    }
)
"""Communes where Good Friday is known to be a public holiday, and why.

It is one only in communes with a Protestant church or one shared by both faiths (ordinance of 16
August 1892, now L3134-13 of the labour code; written question 3529 of 2007 says what counts). No
list is published. These were known in November 2026; elsewhere in Alsace-Moselle the day is an
ordinary one until somebody who knows the commune says otherwise, with `good_friday`.
"""


@dataclass(frozen=True)
class _Abolition:
    """The day a territory remembers the abolition of slavery, from a year to another, included."""

    departement: str
    month: int
    day: int
    first_year: int = 1984
    last_year: int = 9999


_ABOLITIONS = (
    # Decree 83-1003 of 23 November 1983, now L3422-2 of the labour code.
    _Abolition("971", 5, 27),
    _Abolition("972", 5, 22),
    _Abolition("973", 6, 10),
    _Abolition("974", 12, 20, first_year=1983),
    _Abolition("976", 4, 27),
    # Both islands left Guadeloupe on 15 July 2007; decree 2012-553 of 23 April 2012 names them.
    _Abolition("977", 5, 27, last_year=2007),
    _Abolition("977", 10, 9, first_year=2012),
    _Abolition("978", 5, 27, last_year=2007),
    _Abolition("978", 5, 27, first_year=2012, last_year=2017),
    # The code still prints 27 May; circulars of 2018 and 2019 and the prefect apply 28 May.
    _Abolition("978", 5, 28, first_year=2018),
)

_MAINLAND = frozenset(f"{n:02}" for n in range(1, 96) if n != 20) | {"2A", "2B"}  # noqa: PLR2004
_OVERSEAS = frozenset({"971", "972", "973", "974", "975", "976", "977", "978"})


def departement(code_insee: str) -> str:
    """The département, or the overseas territory, of a commune: "57", "2A", "974".

    Raises ValueError for a code that begins like none of them. New Caledonia and the Pacific have
    a health law of their own, so they are none of ours.
    """
    for length, known in ((2, _MAINLAND), (3, _OVERSEAS)):
        if len(code_insee) == len("57463") and code_insee[:length] in known:
            return code_insee[:length]
    raise ValueError(f"commune {code_insee!r}: in no département of the public health code")


def may_have_good_friday(code_insee: str) -> bool:
    """Whether the law asks for a church in this commune before Good Friday is a holiday."""
    return departement(code_insee) in ALSACE_MOSELLE


def name(day: date, code_insee: str, *, good_friday: bool | None = None) -> str:
    """The French name of the public holiday that this day is in this commune; empty if none."""
    return of_year(day.year, code_insee, good_friday=good_friday).get(day, "")


@cache
def of_year(year: int, code_insee: str, *, good_friday: bool | None = None) -> Mapping[date, str]:
    """The public holidays of a commune in a year, in the order of days, with their French names.

    `good_friday` says whether the commune has it, in Alsace-Moselle; None asks
    `PROTESTANT_CHURCHES`. Two holidays on one day share it: "Ascension et Fête du Travail".
    Raises ValueError for an unknown département.
    """
    place = departement(code_insee)
    found = {day: [name] for day, name in _national(year).items()}
    for day, name in _alsace_moselle(year, code_insee, good_friday) + _abolition(year, place):
        found.setdefault(day, []).append(name)
    return MappingProxyType({day: " et ".join(found[day]) for day in sorted(found)})


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the method of Butcher and Meeus."""
    century, in_century = divmod(year, 100)
    moon = (8 * century + 13) // 25
    epact = (19 * (year % 19) + century - century // 4 - moon + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (in_century // 4) - epact - in_century % 4) % 7
    late = (year % 19 + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@cache
def _national(year: int) -> Mapping[date, str]:
    named = published.country_holidays("FR", years=year, language="fr")
    return {day: name.replace("; ", " et ") for day, name in named.items()}


def _alsace_moselle(year: int, code_insee: str, good_friday: bool | None) -> list[tuple[date, str]]:
    if not may_have_good_friday(code_insee):
        return []
    has_it = code_insee in PROTESTANT_CHURCHES if good_friday is None else good_friday
    always = [(date(year, 12, 26), SAINT_STEPHEN)]
    return always + [(easter(year) - timedelta(days=2), GOOD_FRIDAY)] * has_it


def _abolition(year: int, place: str) -> list[tuple[date, str]]:
    return [
        (date(year, it.month, it.day), ABOLITION)
        for it in _ABOLITIONS
        if it.departement == place and it.first_year <= year <= it.last_year
    ]
