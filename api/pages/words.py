"""How dates, numbers and states are said in French on a page: the filters of the templates."""

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
SHORT_MONTHS = (
    "janv.",
    "févr.",
    "mars",
    "avr.",
    "mai",
    "juin",
    "juil.",
    "août",
    "sept.",
    "oct.",
    "nov.",
    "déc.",
)
LANGUAGES = {
    "ar": "arabe",
    "de": "allemand",
    "en": "anglais",
    "es": "espagnol",
    "fa": "persan",
    "fr": "français",
    "it": "italien",
    "lb": "luxembourgeois",
    "pl": "polonais",
    "ps": "pachto",
    "pt": "portugais",
    "ro": "roumain",
    "ru": "russe",
    "sq": "albanais",
    "tr": "turc",
    "uk": "ukrainien",
    "zh": "chinois",
}
STATUSES = {
    "optimal": "optimal, prouvé",
    "feasible": "bon, sans preuve qu’il soit le meilleur",
    "none": "aucun résultat dans le temps donné",
}
FIRST_YEAR, LAST_YEAR = 2000, 2100
METRES_IN_KM = 1000
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
SPACE = "\N{NO-BREAK SPACE}"


class Computed(Protocol):
    """A finished computation, as far as a page speaks of it."""

    @property
    def status(self) -> str: ...
    @property
    def summary(self) -> Mapping[str, Any]: ...


class Named(Protocol):
    """A doctor who may have no name in the store."""

    @property
    def rpps(self) -> str: ...
    @property
    def family_name(self) -> str | None: ...
    @property
    def given_name(self) -> str | None: ...


class Offering(Protocol):
    """What a doctor asks of new patients, and offers them; None is unknown."""

    @property
    def min_age(self) -> int | None: ...
    @property
    def max_age(self) -> int | None: ...
    @property
    def wheelchair(self) -> bool | None: ...
    @property
    def languages(self) -> tuple[str, ...]: ...
    @property
    def home_visit_minutes(self) -> float | None: ...


def number(value: int) -> str:
    """13000 is "13 000", in a width that lines up in columns."""
    return f"{value:,}".replace(",", NARROW_SPACE)


def decimal(value: float) -> str:
    """One digit after the comma: 3.25 is "3,2"."""
    return f"{value:,.1f}".replace(",", NARROW_SPACE).replace(".", ",")


def plain_number(value: float) -> str:
    """As few digits as say the number: 10.0 is "10", 7.5 is "7,5"."""
    return f"{value:.12g}".replace(".", ",")


def kilometres(value: float) -> str:
    """A distance: "3,2 km", and under a kilometre "450 m"."""
    metres = round(value * 100) * 10
    return f"{metres}{SPACE}m" if metres < METRES_IN_KM else f"{decimal(value)}{SPACE}km"


def day_plain(day: date) -> str:
    """ "28 novembre 2026"; the first of a month is "1er"."""
    ordinal = "1er" if day.day == 1 else str(day.day)
    return f"{ordinal}{SPACE}{MONTHS[day.month - 1]} {day.year}"


def day_long(day: date) -> str:
    """ "samedi 28 novembre 2026"."""
    return f"{DAYS[day.weekday()]} {day_plain(day)}"


def day_short(day: date) -> str:
    """ "sam. 28 nov.", for the head of a row."""
    ordinal = "1er" if day.day == 1 else str(day.day)
    return f"{DAYS[day.weekday()][:3]}. {ordinal}{SPACE}{SHORT_MONTHS[day.month - 1]}"


def day_read(text: str) -> date | None:
    """The day of an address, written AAAA-MM-JJ between 2000 and 2100; anything else is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def sortable(name: str) -> str:
    """A key in the order of a dictionary: accents do not send a name to the end."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()


def hour(instant: datetime) -> str:
    """ "18:00", in the time zone the instant carries."""
    return f"{instant:%H:%M}"


AGES = (
    (2, "hier"),
    (14, "il y a {days} jours"),
    (61, "il y a {weeks} semaines"),
    (730, "il y a {months} mois"),
)
"""Up to how many days (excluded) an age is said in which unit."""


def ago(day: date, today: date) -> str:
    """How long ago, in the unit a person would use."""
    days = (today - day).days
    if days <= 0:
        return "aujourd’hui" if days == 0 else "date à venir"
    sentence = next((words for limit, words in AGES if days < limit), "il y a {years} ans")
    return sentence.format(days=days, weeks=days // 7, months=days * 12 // 365, years=days // 365)


def status_words(run: Computed) -> str:
    """How a computation ended: proved, or how far from a proof."""
    words = STATUSES[run.status]
    gap = _first_gap(run.summary.get("gap"))
    return f"{words} (écart au plus {plain_number(gap)})" if gap else words


def _first_gap(gap: Any) -> float:
    """A gap comes as one number, or as a number for each level; the first that is open counts."""
    match gap:
        case Mapping():
            levels = list(gap.values())
        case list() | tuple():
            levels = list(gap)
        case _:
            levels = [gap]
    return next((float(level) for level in levels if isinstance(level, int | float) and level), 0.0)


def doctor_name(doctor: Named) -> str:
    """ "Dr Anne Éloi"; a doctor without a name is called by number."""
    if not doctor.family_name:
        return f"Médecin {doctor.rpps}"
    return " ".join(part for part in ("Dr", doctor.given_name, doctor.family_name) if part)


def conditions(doctor: Offering) -> tuple[str, ...]:
    """What a patient has to know before calling; an unknown answer is left out, never a "no"."""
    foreign = [LANGUAGES.get(code, code) for code in doctor.languages if code != "fr"]
    speaks = "parle aussi" if "fr" in doctor.languages else "parle"
    return tuple(
        phrase
        for phrase in (
            _ages(doctor.min_age, doctor.max_age),
            {True: "accès en fauteuil roulant", False: "pas d’accès en fauteuil roulant"}.get(
                doctor.wheelchair  # type: ignore[arg-type]
            ),
            f"{speaks} {', '.join(foreign)}" if foreign else None,
            "visites à domicile" if doctor.home_visit_minutes else None,
        )
        if phrase
    )


def _ages(youngest: int | None, oldest: int | None) -> str | None:
    match youngest or None, oldest:
        case None, None:
            return None
        case None, _:
            return f"jusqu’à {oldest} ans"
        case _, None:
            return f"à partir de {youngest} ans"
    return f"de {youngest} à {oldest} ans"


def tel(phone: str) -> str:
    """The digits that a telephone link needs."""
    return "".join(sign for sign in phone if sign.isdigit() or sign == "+")


FILTERS = {
    "ago": ago,
    "conditions": conditions,
    "day_long": day_long,
    "day_plain": day_plain,
    "day_short": day_short,
    "decimal": decimal,
    "doctor_name": doctor_name,
    "hour": hour,
    "kilometres": kilometres,
    "number": number,
    "plain_number": plain_number,
    "status_words": status_words,
    "tel": tel,
}
