"""The search page of centre 15: what was typed, and the answer in words.

Nothing typed here is kept or logged: a place may say where somebody lives.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from api.pages import words
from api.services import access, availability, errors, gazetteer, instants
from store.session import Session

WIDEST_KM = 500.0
"""Farther than that is a slip of the keyboard: half of France."""

POLE, ANTIMERIDIAN = 90, 180
"""How far coordinates go, in degrees."""

_NUMBER = r"[-+]?\d{1,3}(?:[.,]\d+)?"
_POINT = re.compile(rf"({_NUMBER})(?:\s*;\s*|\s*,\s+|\s+|(?<=\d),(?=[-+]?\d+\.))({_NUMBER})")

WHY_NONE: Mapping[availability.Emptiness, str] = {
    availability.Emptiness.NO_ROSTER: (
        "Aucun tableau de garde n’est publié pour cette période. "
        "Cela ne veut pas dire qu’aucun médecin n’est disponible : Relève ne le sait pas."
    ),
    availability.Emptiness.NO_SLOT: "Le tableau publié ne prévoit aucune garde dans cette période.",
    availability.Emptiness.NOBODY_SEATED: (
        "Des gardes sont prévues dans cette période, mais aucun médecin n’y est inscrit."
    ),
    availability.Emptiness.NONE_WITHIN_RADIUS: (
        "Aucun médecin de garde à moins de {radius} km. Le plus proche est à {nearest}."
    ),
}

INSTANTS: Mapping[str, str] = {
    instants.Fault.NOT_AN_INSTANT: "Le moment n’est pas une date et une heure lisibles.",
    instants.Fault.OUT_OF_RANGE: "Le moment est trop lointain.",
    instants.Fault.NO_SUCH_HOUR: "Cette heure n’existe pas : on passe à l’heure d’été.",
}


@dataclass(frozen=True)
class Asked:
    """The three fields of the form, as typed."""

    lieu: str = ""
    rayon: str = ""
    moment: str = ""

    def address(self, **other: str) -> str:
        """The address of this search, with some fields changed."""
        fields = {**vars(self), **other}
        return "/regulation?" + urlencode({name: text for name, text in fields.items() if text})


class Unreadable(Exception):
    """A field of the form cannot be used; says the field and the sentence to show beside it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


@dataclass(frozen=True)
class Choice:
    """A commune the text may mean, and the search for it."""

    name: str
    postal_codes: str
    address: str


@dataclass(frozen=True)
class Card:
    """A doctor of the answer, with the hours in civil time."""

    doctor: availability.DoctorOnDuty
    starts_at: datetime
    ends_at: datetime

    @property
    def another_day(self) -> date | None:
        """The day the duty ends, if it is not the day it begins."""
        return None if self.ends_at.date() == self.starts_at.date() else self.ends_at.date()


@dataclass(frozen=True)
class Asker:
    """For whom, when and in which civil time the page answers."""

    session: Session
    viewer: access.Viewer
    now: datetime
    zone: ZoneInfo


def content(asker: Asker, asked: Asked) -> dict[str, Any]:
    """What the template needs: the form, and the answer, the choices or the problem."""
    page: dict[str, Any] = {
        "asked": asked,
        "names": gazetteer.names(asker.session),
        "answer": None,
        "choices": (),
        "problem": None,
    }
    if not asked.lieu.strip():
        return page
    try:
        place = _place(asker.session, asked)
        if isinstance(place, tuple):
            return {**page, "choices": place}
        return {**page, **_answer(asker, asked, place)}
    except Unreadable as unreadable:
        return {**page, "problem": unreadable}


def _answer(asker: Asker, asked: Asked, place: availability.Coordinates | str) -> dict[str, Any]:
    at = _moment(asked.moment, asker.zone)
    answer = availability.near(
        asker.session,
        asker.viewer,
        asker.now,
        place=place,
        at=at,
        within_km=_radius_km(asked.rayon),
    )
    cards = [
        Card(doctor, doctor.starts_at.astimezone(asker.zone), doctor.ends_at.astimezone(asker.zone))
        for doctor in answer.doctors
    ]
    enlarged_km = _reaching_km(answer)
    return {
        "answer": answer,
        "on_duty": [card for card in cards if card.doctor.on_duty],
        "later": [card for card in cards if not card.doctor.on_duty],
        "hours": round((answer.until - answer.at).total_seconds() / 3600),
        "moment_words": _moment_words(answer.at.astimezone(asker.zone), asked),
        "place_words": _place_words(answer.place, place),
        "why_none": _why_none(answer),
        "enlarged_km": enlarged_km,
        "enlarged": asked.address(rayon=words.plain_number(enlarged_km)) if enlarged_km else None,
    }


def _place(session: Session, asked: Asked) -> availability.Coordinates | str | tuple[Choice, ...]:
    point = _POINT.fullmatch(asked.lieu.strip())
    if point:
        latitude, longitude = (float(text.replace(",", ".")) for text in point.groups())
        if abs(latitude) > POLE or abs(longitude) > ANTIMERIDIAN:
            raise Unreadable("lieu", "Ces coordonnées ne sont pas sur la Terre.")
        return availability.Coordinates(latitude, longitude)
    found = gazetteer.find(session, asked.lieu)
    if not found:
        raise Unreadable("lieu", f"Aucune commune connue ne s’appelle « {asked.lieu.strip()} ».")
    if len(found) == 1:
        return found[0].code_insee
    return tuple(
        Choice(commune.name, commune.postal_codes, asked.address(lieu=commune.code_insee))
        for commune in found
    )


def _radius_km(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        radius_km = float(text.strip().removesuffix("km").replace(",", "."))
    except ValueError:
        raise Unreadable("rayon", "Le rayon est un nombre de kilomètres.") from None
    if not 0 < radius_km <= WIDEST_KM:
        raise Unreadable("rayon", f"Le rayon va jusqu’à {words.plain_number(WIDEST_KM)} km.")
    return radius_km


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    if not text.strip():
        return None
    try:
        return instants.read(text, zone)
    except errors.UnreadableInstant as unreadable:
        raise Unreadable("moment", INSTANTS[unreadable.fault]) from None


def _reaching_km(answer: availability.Availability) -> float | None:
    """The next radius worth trying: by as many steps as reach the nearest doctor."""
    if answer.nearest_km is None:
        return None
    radius_km = answer.enlarged_radius_km
    step_km = answer.enlarged_radius_km - answer.radius_km
    while not answer.doctors and radius_km < answer.nearest_km:
        radius_km += step_km
    return radius_km if radius_km <= WIDEST_KM else None


def _moment_words(at: datetime, asked: Asked) -> str:
    said = f"le {words.day_long(at)} à {words.hour(at)}"
    return said if asked.moment.strip() else f"maintenant ({said.removeprefix('le ')})"


def _place_words(place: availability.Place, asked: availability.Coordinates | str) -> str:
    if isinstance(asked, str):
        return place.commune_name or asked
    point = f"{asked.latitude:g}, {asked.longitude:g}"
    return f"{point} (près de {place.commune_name})" if place.commune_name else point


def _why_none(answer: availability.Availability) -> str | None:
    if answer.why_none is None:
        return None
    nearest = words.kilometres(answer.nearest_km) if answer.nearest_km is not None else ""
    sentence = WHY_NONE[answer.why_none]
    return sentence.format(radius=words.plain_number(answer.radius_km), nearest=nearest)
