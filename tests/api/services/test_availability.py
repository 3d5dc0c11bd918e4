from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlmodel import Session

from api.services import access, availability, errors
from api.services.availability import Coordinates, Emptiness
from matcher import travel
from tests.store import rows
from tests.store.rows import METZ, NOON

HOUR = timedelta(hours=1)
HERE = Coordinates(*METZ)
KM_A_DEGREE = np.pi * travel.EARTH_RADIUS_KM / 180
"""Length of a degree of latitude along a meridian."""


def _north(kilometres: float) -> float:
    return METZ[0] + kilometres / KM_A_DEGREE


def _near(session: Session, at: datetime = NOON, **asked: object) -> availability.Availability:
    said: dict[str, object] = {"place": HERE, "at": at}
    return availability.near(session, access.DESK, NOON, **(said | asked))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hours_before", "on_duty"),
    [
        (1, True),
        (0, True),
        (1.9999, True),
        (2, None),
        (-0.001, False),
        (-71.999, False),
        (-72, None),
    ],
    ids=[
        "begun",
        "beginning now",
        "about to end",
        "ending exactly now is over",
        "about to begin",
        "beginning just before the end of the window",
        "beginning exactly 72 hours later is too late",
    ],
)
def test_a_duty_counts_from_its_start_until_before_its_end_and_within_the_window(
    session: Session, hours_before: float, on_duty: bool | None
) -> None:
    rows.a_duty_at(session, rows.a_site(), NOON - hours_before * HOUR, hours=2)

    found = _near(session)

    assert [doctor.on_duty for doctor in found.doctors] == ([] if on_duty is None else [on_duty])


def test_the_window_can_be_shortened(session: Session) -> None:
    rows.a_duty_at(session, rows.a_site(), NOON + 3 * HOUR)

    assert _near(session, window_hours=3).doctors == ()
    assert len(_near(session, window_hours=3.001).doctors) == 1


def test_a_site_exactly_at_the_radius_is_within_it(session: Session) -> None:
    site = rows.a_site(latitude=_north(7))
    rows.a_duty_at(session, site, NOON)
    exact_km = float(travel.great_circle_km(*map(np.array, (*METZ, site.latitude, METZ[1]))))

    assert len(_near(session, within_km=exact_km).doctors) == 1
    assert _near(session, within_km=np.nextafter(exact_km, 0)).doctors == ()


def test_the_nearest_site_comes_first_then_the_start_then_the_site_then_the_doctor(
    session: Session,
) -> None:
    rows.keep(session, rows.a_commune())
    for rpps in ("3", "1", "2"):
        rows.keep(session, rows.a_doctor(rpps))
    for site_id, kilometres in (("FAR", 5), ("B", 1), ("A", 1)):
        rows.keep(session, rows.a_site(site_id, latitude=_north(kilometres)))
    for slot_id, site_id, hour, holders in (
        ("far now", "FAR", 0, "3"),
        ("b soon", "B", 1, "3"),
        ("a soon", "A", 1, "21"),
        ("b now", "B", 0, "1"),
    ):
        starts_at = NOON + hour * HOUR
        rows.keep(
            session,
            rows.a_slot(
                slot_id, site_id=site_id, starts_at=starts_at, ends_at=starts_at + 2 * HOUR
            ),
            *(rows.a_duty(slot_id, rpps) for rpps in holders),
        )

    found = _near(session).doctors

    assert [(doctor.slot_id, doctor.rpps) for doctor in found] == [
        ("b now", "1"),
        ("a soon", "1"),
        ("a soon", "2"),
        ("b soon", "3"),
        ("far now", "3"),
    ]


def test_a_found_doctor_comes_with_name_site_hours_and_distance(session: Session) -> None:
    slot_id = rows.a_duty_at(session, rows.a_site(latitude=_north(2)), NOON)

    (doctor,) = _near(session).doctors

    assert (doctor.rpps, doctor.given_name, doctor.family_name) == (
        "10990000017",
        "Inès",
        "Lambert",
    )
    assert (doctor.slot_id, doctor.starts_at, doctor.ends_at) == (slot_id, NOON, NOON + 2 * HOUR)
    assert (doctor.site.name, doctor.site.phone) == ("Maison médicale A", "03 53 01 00 00")
    assert doctor.distance_km == pytest.approx(2)


def test_a_commune_is_searched_from_its_centre(session: Session) -> None:
    rows.a_duty_at(session, rows.a_site(latitude=_north(3)), NOON)

    found = _near(session, place="57463")

    assert found.place == availability.Place(HERE, "57463", "Metz")
    assert found.doctors[0].distance_km == pytest.approx(3)


def test_a_point_takes_the_policy_of_the_nearest_commune(session: Session) -> None:
    bar_le_duc = rows.a_commune("55029", latitude=48.77, longitude=5.16)
    rows.keep(session, rows.a_commune(), bar_le_duc)

    near_metz, near_bar_le_duc = _near(session), _near(session, place=Coordinates(48.8, 5.2))

    assert (near_metz.radius_km, near_metz.enlarged_radius_km) == (10, 15)
    assert (near_bar_le_duc.radius_km, near_bar_le_duc.enlarged_radius_km) == (50, 75)
    assert near_bar_le_duc.place.commune_name == "Bar-le-Duc"


def test_reg_07_nothing_within_10_km_in_moselle_then_15_km_is_offered_and_searched(
    session: Session,
) -> None:
    rows.a_duty_at(session, rows.a_site(latitude=_north(12)), NOON)

    first = _near(session, place="57463")
    enlarged = _near(session, place="57463", within_km=first.enlarged_radius_km)

    assert (first.radius_km, first.enlarged_radius_km, first.doctors) == (10, 15, ())
    assert first.why_none is Emptiness.NONE_WITHIN_RADIUS
    assert first.nearest_km == pytest.approx(12)
    assert (enlarged.radius_km, len(enlarged.doctors), enlarged.why_none) == (15, 1, None)
    assert enlarged.enlarged_radius_km == 20


def test_an_empty_store_says_that_no_roster_is_published(session: Session) -> None:
    found = _near(session)

    assert found.why_none is Emptiness.NO_ROSTER
    assert (found.nearest_km, found.place.code_insee, found.radius_km) == (None, None, 20)


@pytest.mark.parametrize("days", [-30, 30])
def test_before_and_after_everything_published_there_is_no_roster(
    session: Session, days: int
) -> None:
    rows.a_duty_at(session, rows.a_site(), NOON)

    assert _near(session, NOON + timedelta(days=days)).why_none is Emptiness.NO_ROSTER


def test_between_two_published_duties_the_roster_plans_none(session: Session) -> None:
    rows.a_duty_at(session, rows.a_site(), NOON - timedelta(days=1))
    rows.a_duty_at(session, rows.a_site(), NOON + timedelta(days=4))

    assert _near(session).why_none is Emptiness.NO_SLOT


def test_a_planned_slot_that_nobody_took_is_said_to_be_one(session: Session) -> None:
    rows.keep(session, rows.a_commune(), rows.a_site(), rows.a_slot())

    assert _near(session).why_none is Emptiness.NOBODY_SEATED


def test_an_unknown_commune_is_refused(session: Session) -> None:
    with pytest.raises(errors.UnknownCommune) as unknown:
        _near(session, place="99999")

    assert unknown.value.code_insee == "99999"


def test_the_public_may_not_search(session: Session) -> None:
    with pytest.raises(errors.Forbidden):
        availability.near(session, access.PUBLIC, NOON, place=HERE)


def test_without_an_instant_the_search_is_about_now(session: Session) -> None:
    assert availability.near(session, access.DESK, NOON, place=HERE).at == NOON


def test_a_search_about_another_year_follows_the_policy_of_today(session: Session) -> None:
    rows.keep(session, rows.a_commune())

    assert _near(session, NOON.replace(year=2001)).radius_km == 10


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ((None, None, None), "none"),
        ((49.0, None, None), "half"),
        ((None, 6.0, None), "half"),
        ((49.0, 6.0, "57463"), "two"),
        ((0.0, None, "57463"), "two"),
    ],
)
def test_exactly_one_place_must_be_given(
    given: tuple[float | None, float | None, str | None], fault: str
) -> None:
    with pytest.raises(errors.UnusablePlace) as refused:
        availability.place_from(*given)

    assert refused.value.fault == fault


def test_a_point_at_the_origin_is_a_place() -> None:
    assert availability.place_from(0.0, 0.0, None) == Coordinates(0.0, 0.0)
    assert availability.place_from(None, None, "57463") == "57463"


def test_a_doctor_at_the_antipodes_is_far_and_nothing_breaks(session: Session) -> None:
    rows.a_duty_at(session, rows.a_site(), NOON)

    found = _near(session, place=Coordinates(-METZ[0], METZ[1] - 180))

    assert found.nearest_km == pytest.approx(np.pi * travel.EARTH_RADIUS_KM)
