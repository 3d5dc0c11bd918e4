"""A file of doctors, looked at, applied and taken back."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from api.services import errors, imports
from store import tables
from tests.api.services.imports import files
from tests.store import rows

LAMBERT, WEBER = "10990000017", "10990000025"
FIRST, SECOND = date(2026, 11, 1), date(2026, 11, 15)
D = {"rpps": LAMBERT, "family_name": "Lambert", "status": "installed", "confirmed_on": FIRST}


def declarations(engine: Engine) -> list[tuple[int, bool, date | None]]:
    found = files.all_rows(engine, tables.Capacity)
    return [(it.places, it.current, it.confirmed_on) for it in sorted(found, key=lambda it: it.id)]


def test_a_new_doctor_has_a_name_a_practice_and_places(filled: Engine) -> None:
    assert files.applied(filled, files.doctors(D)) == imports.Tally(added=1)

    (doctor,) = files.all_rows(filled, tables.Doctor)
    (practice,) = files.all_rows(filled, tables.Practice)
    (capacity,) = files.all_rows(filled, tables.Capacity)
    assert (doctor.rpps, doctor.family_name) == (LAMBERT, "Lambert")
    assert (practice.code_insee, practice.latitude) == ("57463", rows.METZ[0])
    assert (capacity.practice_id, capacity.places, capacity.current) == (practice.id, 5, True)
    assert capacity.declared_on == capacity.confirmed_on == FIRST


def test_the_same_file_again_changes_nothing(filled: Engine) -> None:
    file = files.doctors(D, D | {"rpps": WEBER, "latitude": 49.1, "longitude": 6.2})
    files.applied(filled, file)
    before = files.state_of(filled)

    assert files.applied(filled, file, hour=1) == imports.Tally(unchanged=2)
    assert files.state_of(filled) == before


def test_other_places_are_a_declaration_after_the_former_ones(filled: Engine) -> None:
    files.applied(filled, files.doctors(D))

    more = files.doctors(D | {"places": 9, "confirmed_on": SECOND})
    counted = files.applied(filled, more, hour=1)

    assert counted == imports.Tally(changed=1, columns={"places": 1})
    assert declarations(filled) == [(5, False, FIRST), (9, True, SECOND)]


def test_the_same_places_are_confirmed(filled: Engine) -> None:
    files.applied(filled, files.doctors(D))

    counted = files.applied(filled, files.doctors(D | {"confirmed_on": SECOND}), hour=1)

    assert counted == imports.Tally(changed=1, columns={"confirmed_on": 1})
    assert declarations(filled) == [(5, True, SECOND)]


def test_an_empty_cell_changes_nothing_that_is_known(filled: Engine) -> None:
    files.applied(filled, files.doctors(D | {"wheelchair": True, "languages": ["fr", "ar"]}))

    counted = files.applied(filled, files.doctors({"rpps": LAMBERT}), hour=1)

    assert counted == imports.Tally(unchanged=1)


def test_the_only_practice_moves_and_stays_the_same_one(filled: Engine) -> None:
    files.applied(filled, files.doctors(D))
    (before,) = files.all_rows(filled, tables.Practice)

    counted = files.applied(filled, files.doctors(D | {"code_insee": "54395"}), hour=1)

    (after,) = files.all_rows(filled, tables.Practice)
    assert counted.columns == {"code_insee": 1, "latitude": 1, "longitude": 1}
    assert (after.id, after.code_insee) == (before.id, "54395")


def test_a_commune_does_not_move_a_practice_that_is_in_it(filled: Engine) -> None:
    files.applied(filled, files.doctors(D | {"latitude": 49.1, "longitude": 6.2}))

    assert files.applied(filled, files.doctors(D), hour=1) == imports.Tally(unchanged=1)


def test_whoever_is_not_in_the_file_stays_and_is_counted(filled: Engine) -> None:
    files.applied(filled, files.doctors(D, D | {"rpps": WEBER}))

    counted = files.applied(filled, files.doctors(D), hour=1)

    assert counted == imports.Tally(unchanged=1, gone=1)
    assert len(files.all_rows(filled, tables.Practice)) == 2


def test_a_practice_of_another_territory_is_left_alone(filled: Engine) -> None:
    with files.writing(filled) as session:
        rows.keep(session, rows.a_commune("55029"), rows.a_doctor())
        rows.keep_offer(session, code_insee="55029", latitude=48.77, longitude=5.16)

    counted = files.applied(filled, files.doctors(D))

    assert counted == imports.Tally(added=1)
    places = sorted(it.code_insee for it in files.all_rows(filled, tables.Practice))
    assert places == ["55029", "57463"]


def test_a_territory_without_communes_counts_every_practice_as_its_own(filled: Engine) -> None:
    files.applied(filled, files.doctors(D, D | {"rpps": WEBER}))

    file = files.doctors(D | {"code_insee": "54395"}, territory="nancy")

    assert files.previewed(filled, file).tally.changed == 1
    assert files.previewed(filled, file).tally.gone == 1


@pytest.fixture
def with_two_practices(filled: Engine) -> Engine:
    with files.writing(filled) as session:
        rows.keep(session, rows.a_doctor())
        for latitude in (49.10, 49.11):
            rows.keep_offer(session, latitude=latitude, longitude=6.2, places=3)
    return filled


def test_a_doctor_with_several_practices_must_be_named_at_one(with_two_practices: Engine) -> None:
    elsewhere = files.doctors(D | {"latitude": 49.2, "longitude": 6.2})
    here = files.doctors(D | {"latitude": 49.10, "longitude": 6.2})

    (conflict,) = files.previewed(with_two_practices, elsewhere).conflicts
    assert conflict.fault == "several_practices"
    with pytest.raises(errors.UnusableRows):
        files.applied(with_two_practices, elsewhere)
    assert files.applied(with_two_practices, here).columns["places"] == 1


def test_a_commune_is_enough_to_tell_one_practice_from_another(filled: Engine) -> None:
    with files.writing(filled) as session:
        rows.keep(session, rows.a_doctor())
        rows.keep_offer(session, latitude=49.1, longitude=6.2, places=5)
        rows.keep_offer(session, code_insee="54395", latitude=48.7, longitude=6.2, places=3)

    counted = files.applied(filled, files.doctors(D | {"code_insee": "54395", "places": 3}))

    assert counted == imports.Tally(unchanged=1)


@pytest.mark.parametrize(
    "later",
    [
        D | {"places": 9, "min_age": 3},
        D | {"family_name": "Lambert-Weber", "code_insee": "54395"},
        D | {"rpps": WEBER, "latitude": 49.1, "longitude": 6.2},
        D | {"confirmed_on": SECOND, "wheelchair": False},
    ],
)
def test_undoing_puts_every_row_back(filled: Engine, later: dict[str, Any]) -> None:
    empty = files.state_of(filled)
    files.applied(filled, files.doctors(D))
    first = files.state_of(filled)
    files.applied(filled, files.doctors(later), hour=1)
    assert files.state_of(filled) != first

    files.undone(filled, files.doctors())
    assert files.state_of(filled) == first
    files.undone(filled, files.doctors())
    assert files.state_of(filled) == empty


def test_an_import_is_not_undone_over_what_a_doctor_has_declared_since(filled: Engine) -> None:
    files.applied(filled, files.doctors(D))
    with files.writing(filled) as session:
        (capacity,) = files.all_rows(filled, tables.Capacity)
        session.merge(capacity).current = False
        session.flush()
        session.add(rows.a_capacity(capacity.practice_id, places=0))
    before = files.state_of(filled)

    with pytest.raises(errors.ChangedSince):
        files.undone(filled, files.doctors())
    assert files.state_of(filled) == before


def test_a_doctor_to_whom_something_refers_is_not_taken_out(filled: Engine) -> None:
    files.applied(filled, files.doctors(D))
    with files.writing(filled) as session:
        rows.keep(session, rows.a_site(), rows.a_slot(), rows.a_duty())
    before = files.state_of(filled)

    with pytest.raises(errors.ChangedSince):
        files.undone(filled, files.doctors())
    assert files.state_of(filled) == before
