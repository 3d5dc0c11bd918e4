"""Public listings: doctors who accept patients, and the figures of the communes."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session

from api.services import access
from store import doctors, figures, parameters, runs, tables


class Freshness(StrEnum):
    """How far the statement of a doctor can be trusted."""

    RECENT = "recent"
    STALE = "stale"
    NEVER_CONFIRMED = "never_confirmed"


@dataclass(frozen=True)
class AcceptingDoctor:
    """An installed doctor with places for new patients, and under which conditions.

    `None` in a condition is unknown, not "no"; no language at all is French. `confirmed_on` is
    when the doctor last said so.
    """

    rpps: str
    family_name: str | None
    given_name: str | None
    code_insee: str | None
    commune_name: str | None
    latitude: float
    longitude: float
    places: int
    min_age: int | None
    max_age: int | None
    wheelchair: bool | None
    languages: tuple[str, ...]
    home_visit_minutes: float | None
    confirmed_on: date | None
    freshness: Freshness


@dataclass(frozen=True)
class CommuneFigures:
    """What is published of a commune; a count that is None is hidden, not zero."""

    code_insee: str
    name: str
    latitude: float
    longitude: float
    patients: int | None
    proposed: int | None
    waiting: int | None
    accepting_doctors: int
    places_open: int


@dataclass(frozen=True)
class Published:
    """The figures of the last matching: its day, its status, and its communes by code.

    All empty when no matching was recorded.
    """

    day: date | None
    status: str | None
    communes: tuple[CommuneFigures, ...]


def accepting_doctors(
    session: Session, viewer: access.Viewer, now: datetime, code_insee: str | None = None
) -> tuple[AcceptingDoctor, ...]:
    """Installed doctors with places for new patients, by commune then name."""
    access.require(access.may_read_listing(viewer))
    fresh_days = int(parameters.at("listing_fresh_days", now.date()))
    return tuple(
        _accepting(row, _freshness(row[1].confirmed_on, now, fresh_days))
        for row in doctors.accepting(session, code_insee)
    )


def commune_figures(session: Session, viewer: access.Viewer) -> Published:
    """The published figures by commune of the last matching."""
    access.require(access.may_read_listing(viewer))
    run = runs.latest(session, "matching")
    if run is None or run.id is None:
        return Published(None, None, ())
    rows = figures.of_run(session, run.id)
    return Published(run.day, run.status, tuple(_figures(*row) for row in rows))


def _freshness(confirmed_on: date | None, now: datetime, fresh_days: int) -> Freshness:
    if confirmed_on is None:
        return Freshness.NEVER_CONFIRMED
    age_days = (now.date() - confirmed_on).days
    return Freshness.RECENT if age_days <= fresh_days else Freshness.STALE


def _accepting(row: doctors.Accepting, freshness: Freshness) -> AcceptingDoctor:
    practice, capacity, doctor, commune = row
    return AcceptingDoctor(
        rpps=doctor.rpps,
        family_name=doctor.family_name,
        given_name=doctor.given_name,
        code_insee=practice.code_insee,
        commune_name=commune.name if commune else None,
        latitude=practice.latitude,
        longitude=practice.longitude,
        places=capacity.places,
        min_age=capacity.min_age,
        max_age=capacity.max_age,
        wheelchair=practice.wheelchair,
        languages=tuple(practice.languages.split()),
        home_visit_minutes=practice.home_visit_minutes,
        confirmed_on=capacity.confirmed_on,
        freshness=freshness,
    )


def _figures(figure: tables.CommuneFigure, commune: tables.Commune) -> CommuneFigures:
    return CommuneFigures(
        code_insee=commune.code_insee,
        name=commune.name,
        latitude=commune.latitude,
        longitude=commune.longitude,
        patients=figure.patients,
        proposed=figure.proposed,
        waiting=figure.waiting,
        accepting_doctors=figure.accepting_doctors,
        places_open=figure.places_open,
    )
