from datetime import date

import pytest
from sqlmodel import Session

from api.services import access, listing
from api.services.listing import Freshness
from store import tables
from tests.store import rows
from tests.store.rows import NOON


def _doctor(session: Session, rpps: str, **said: object) -> None:
    session.merge(rows.a_commune())
    rows.keep(session, rows.a_doctor(rpps))
    rows.keep_offer(session, rpps, **said)


def _listed(session: Session, code_insee: str | None = None) -> list[str]:
    found = listing.accepting_doctors(session, access.PUBLIC, NOON, code_insee)
    return [doctor.rpps for doctor in found]


def test_doctors_who_may_build_a_panel_and_have_a_place_are_listed(session: Session) -> None:
    _doctor(session, "1", places=1)
    _doctor(session, "2", places=0)
    _doctor(session, "3", status="locum")
    _doctor(session, "4", status="assistant")
    _doctor(session, "5", status=None)

    assert _listed(session) == ["1", "5"]


def test_the_listing_can_be_kept_to_one_commune(session: Session) -> None:
    rows.keep(session, rows.a_commune("54395"))
    _doctor(session, "1")
    _doctor(session, "2", code_insee="54395")
    _doctor(session, "3", code_insee=None)

    assert _listed(session, "54395") == ["2"]
    assert _listed(session) == ["1", "2", "3"]


def test_a_listed_doctor_comes_with_commune_conditions_and_confirmation(session: Session) -> None:
    _doctor(session, "1", places=80, min_age=16, languages="fr ar", home_visit_minutes=15.0)

    (doctor,) = listing.accepting_doctors(session, access.PUBLIC, NOON)

    assert (doctor.commune_name, doctor.places, doctor.min_age) == ("Metz", 80, 16)
    assert (doctor.languages, doctor.home_visit_minutes) == (("fr", "ar"), 15.0)
    assert (doctor.wheelchair, doctor.max_age) == (None, None)
    assert doctor.confirmed_on == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("confirmed_on", "freshness"),
    [
        (date(2026, 11, 21), Freshness.RECENT),
        (date(2026, 8, 23), Freshness.RECENT),
        (date(2026, 8, 22), Freshness.STALE),
        (None, Freshness.NEVER_CONFIRMED),
    ],
    ids=["today", "90 days ago", "91 days ago", "never"],
)
def test_a_confirmation_is_recent_for_90_days(
    session: Session, confirmed_on: date | None, freshness: Freshness
) -> None:
    _doctor(session, "1", confirmed_on=confirmed_on)

    (doctor,) = listing.accepting_doctors(session, access.PUBLIC, NOON)

    assert doctor.freshness is freshness


def test_before_the_first_matching_nothing_is_published(session: Session) -> None:
    assert listing.commune_figures(session, access.PUBLIC) == listing.Published(None, None, ())


def test_a_hidden_figure_stays_hidden_and_is_no_zero(session: Session) -> None:
    run = rows.a_run()
    rows.keep(session, rows.a_commune(), run)
    rows.keep(
        session,
        tables.CommuneFigure(
            run_id=run.id, code_insee="57463", patients=40, accepting_doctors=0, places_open=0
        ),
    )

    published = listing.commune_figures(session, access.PUBLIC)

    assert (published.day, published.status) == (date(2026, 11, 21), "optimal")
    (metz,) = published.communes
    assert (metz.name, metz.patients, metz.proposed, metz.waiting) == ("Metz", 40, None, None)
    assert (metz.accepting_doctors, metz.places_open) == (0, 0)
