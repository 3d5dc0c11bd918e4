"""Who is on duty near a caller, now or within the next hours: the question of centre 15.

The nearest site comes first, then the earliest start. When there is nobody the answer says why,
how far the nearest doctor on duty is, and which radius to try next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import numpy as np
from sqlmodel import Session

from api.services import access, errors
from matcher import travel
from store import communes, parameters, rosters, tables


@dataclass(frozen=True)
class Coordinates:
    """A point in degrees (WGS 84)."""

    latitude: float
    longitude: float


class Emptiness(StrEnum):
    """Why nobody is proposed."""

    NO_ROSTER = "no_roster"
    """The window lies before or after everything that was published."""
    NO_SLOT = "no_slot"
    """A roster is published, and it plans no duty in the window."""
    NOBODY_SEATED = "nobody_seated"
    """Duty is planned in the window and no doctor has taken any of it."""
    NONE_WITHIN_RADIUS = "none_within_radius"
    """Doctors are on duty in the window, all of them farther away."""


@dataclass(frozen=True)
class Place:
    """Where the caller is: the point, and the commune it lies in or nearest to."""

    coordinates: Coordinates
    code_insee: str | None
    commune_name: str | None


@dataclass(frozen=True)
class Site:
    """Where a doctor on duty receives."""

    site_id: str
    name: str
    address: str
    code_insee: str
    coordinates: Coordinates
    phone: str | None


@dataclass(frozen=True)
class DoctorOnDuty:
    """A doctor who takes a slot near the caller; `on_duty` if it has begun at the instant asked."""

    rpps: str
    family_name: str | None
    given_name: str | None
    on_duty: bool
    slot_id: str
    starts_at: datetime
    ends_at: datetime
    site: Site
    distance_km: float


@dataclass(frozen=True)
class Availability:
    """The answer: doctors, nearest first, or why there are none.

    The search looked at slots not over at `at` that begin before `until`, at most `radius_km`
    away as the crow flies. `nearest_km` is the distance of the nearest site with a doctor,
    within the radius or not; `enlarged_radius_km` the next radius to try.
    """

    place: Place
    at: datetime
    until: datetime
    radius_km: float
    enlarged_radius_km: float
    doctors: tuple[DoctorOnDuty, ...]
    why_none: Emptiness | None
    nearest_km: float | None


def place_from(
    latitude: float | None, longitude: float | None, code_insee: str | None
) -> Coordinates | str:
    """The one place that a question gives: a point, or the code of a commune.

    Raises `errors.UnusablePlace` when there is none, half of one, or two.
    """
    if code_insee is not None and (latitude, longitude) != (None, None):
        raise errors.UnusablePlace("two")
    if code_insee is not None:
        return code_insee
    if latitude is not None and longitude is not None:
        return Coordinates(latitude, longitude)
    raise errors.UnusablePlace("none" if latitude is longitude else "half")


def near(
    session: Session,
    viewer: access.Viewer,
    now: datetime,
    *,
    place: Coordinates | str,
    at: datetime | None = None,
    within_km: float | None = None,
    window_hours: float | None = None,
) -> Availability:
    """Doctors on duty at `at` or within the `window_hours` after it, around a place.

    `place` is a point or the code of a commune (its centre); `at` is aware, `now` by default;
    radius and window are by default the dated parameters of the place. Raises
    `errors.Forbidden` and `errors.UnknownCommune`.
    """
    access.require(access.may_search_duty(viewer))
    begin = now if at is None else at
    here = _locate(session, place)
    day = now.date()  # the policy of the day of the call, even when it asks about another day
    hours = _parameter("availability_window_hours", day, here, window_hours)
    radius_km = _parameter("search_radius_km", day, here, within_km)
    until = begin + timedelta(hours=hours)
    distances = _distances(rosters.sites(session), here.coordinates)
    reached = {site_id: km for site_id, (_, km) in distances.items() if km <= radius_km}
    doctors = [
        _on_duty(held, begin, distances)
        for held in rosters.duties_between(session, begin, until, reached)
    ]
    held_km = [distances[held][1] for held in rosters.held_sites_between(session, begin, until)]
    return Availability(
        place=here,
        at=begin,
        until=until,
        radius_km=radius_km,
        enlarged_radius_km=radius_km + _parameter("search_enlarge_km", day, here),
        doctors=tuple(sorted(doctors, key=_nearest_first)),
        why_none=None if doctors else _why_none(session, begin, until, bool(held_km)),
        nearest_km=min(held_km, default=None),
    )


def _locate(session: Session, place: Coordinates | str) -> Place:
    if isinstance(place, str):
        commune = communes.by_code(session, place)
        if commune is None:
            raise errors.UnknownCommune(place)
        centre = Coordinates(commune.latitude, commune.longitude)
        return Place(centre, commune.code_insee, commune.name)
    known = communes.everywhere(session)
    if not known:
        return Place(place, None, None)
    nearest = known[int(np.argmin(_kilometres(known, place)))]
    return Place(place, nearest.code_insee, nearest.name)


def _parameter(name: str, day: date, here: Place, asked: float | None = None) -> float:
    if asked is not None:
        return asked
    territory = communes.departement(here.code_insee) if here.code_insee else parameters.EVERYWHERE
    return float(parameters.at(name, day, territory))


def _kilometres(
    places: Sequence[tables.Commune] | Sequence[tables.Site], origin: Coordinates
) -> list[float]:
    kilometres: list[float] = travel.great_circle_km(
        np.array([place.latitude for place in places]),
        np.array([place.longitude for place in places]),
        np.array(origin.latitude),
        np.array(origin.longitude),
    ).tolist()
    return kilometres


def _distances(
    sites: Sequence[tables.Site], origin: Coordinates
) -> dict[str, tuple[tables.Site, float]]:
    kilometres = _kilometres(sites, origin)
    return {site.id: (site, km) for site, km in zip(sites, kilometres, strict=True)}


def _on_duty(
    held: rosters.Held, at: datetime, distances: dict[str, tuple[tables.Site, float]]
) -> DoctorOnDuty:
    _, slot, doctor = held
    site, distance_km = distances[slot.site_id]
    return DoctorOnDuty(
        rpps=doctor.rpps,
        family_name=doctor.family_name,
        given_name=doctor.given_name,
        on_duty=slot.starts_at <= at,
        slot_id=slot.id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        site=_site(site),
        distance_km=distance_km,
    )


def _site(site: tables.Site) -> Site:
    return Site(
        site_id=site.id,
        name=site.name,
        address=site.address,
        code_insee=site.code_insee,
        coordinates=Coordinates(site.latitude, site.longitude),
        phone=site.phone,
    )


def _nearest_first(found: DoctorOnDuty) -> tuple[float, datetime, str, str]:
    return found.distance_km, found.starts_at, found.site.site_id, found.rpps


def _why_none(session: Session, begin: datetime, until: datetime, held: bool) -> Emptiness:
    if held:
        return Emptiness.NONE_WITHIN_RADIUS
    if rosters.has_slot_between(session, begin, until):
        return Emptiness.NOBODY_SEATED
    period = rosters.published_period(session)
    if period is None or period.ends_at <= begin or until <= period.starts_at:
        return Emptiness.NO_ROSTER
    return Emptiness.NO_SLOT
