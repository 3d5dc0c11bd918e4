from datetime import timedelta

import pytest
from sqlmodel import Session

from api.services import watch
from store import tables
from tests.store import rows
from tests.store.rows import NOON

HOURS = 72


def _holes(session: Session) -> list[tuple[str, int]]:
    return [(hole.slot_id, hole.missing) for hole in watch.coming_holes(session, NOON, HOURS)]


def _site(session: Session) -> None:
    rows.keep(
        session, rows.a_commune(), rows.a_site(), rows.a_doctor(), rows.a_doctor("10990000025")
    )


def _slot(hours_from_now: float, **said: object) -> tables.Slot:
    starts_at = NOON + timedelta(hours=hours_from_now)
    return rows.a_slot(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), **said)


def test_an_empty_store_has_no_hole(session: Session) -> None:
    assert _holes(session) == []


@pytest.mark.parametrize(
    ("held", "missing"), [((), 2), (("10990000017",), 1), (("10990000017", "10990000025"), 0)]
)
def test_the_seats_that_nobody_holds_are_counted(
    session: Session, held: tuple[str, ...], missing: int
) -> None:
    _site(session)
    rows.keep(session, _slot(5, doctors_needed=2), *(rows.a_duty(rpps=rpps) for rpps in held))

    assert _holes(session) == ([("S", missing)] if missing else [])


@pytest.mark.parametrize(
    ("hours_from_now", "told"),
    [(-2, False), (-1.99, True), (0, True), (71.99, True), (72, False)],
    ids=["over", "nearly over", "beginning", "last of the window", "after the window"],
)
def test_only_slots_not_over_and_begun_within_the_window_count(
    session: Session, hours_from_now: float, told: bool
) -> None:
    _site(session)
    rows.keep(session, _slot(hours_from_now))

    assert _holes(session) == ([("S", 1)] if told else [])


def test_a_slot_that_needs_nobody_is_no_hole(session: Session) -> None:
    _site(session)
    rows.keep(session, _slot(1, doctors_needed=0))

    assert _holes(session) == []


def test_a_hole_says_where_and_when(session: Session) -> None:
    _site(session)
    rows.keep(session, _slot(3))

    (hole,) = watch.coming_holes(session, NOON, HOURS)

    assert hole == watch.Hole("S", "A", NOON + timedelta(hours=3), 1)
