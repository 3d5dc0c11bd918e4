"""IMP: a file of patients, looked at and applied."""

from datetime import date
from typing import Any

import h3
import pytest
from sqlalchemy import Engine

from api.services import errors, imports
from api.services.imports import people
from store import tables
from tests.api.services.imports import files
from tests.store import rows
from tests.store.rows import NOON

P = {
    "patient_id": "1",
    "household_id": "f",
    "birth_year": 1950,
    "ald": True,
    "unattached_since": date(2025, 1, 31),
    "usual_doctor_rpps": "10990000017",
    "needs_home_visit": False,
    "languages": ["fr", "ar"],
    "max_minutes": 20.5,
}


def the_patient(engine: Engine, number: str = "1") -> tables.Patient:
    (found,) = (it for it in files.all_rows(engine, tables.Patient) if it.file_number == number)
    return found


def test_a_new_patient_is_recorded_with_what_the_file_says(filled: Engine) -> None:
    counted = files.applied(filled, files.patients(P))

    assert counted == imports.Tally(added=1)
    patient = the_patient(filled)
    (household,) = files.all_rows(filled, tables.Household)
    assert (patient.territory_id, patient.household_id) == ("metz", household.id)
    assert household.territory_id == "metz"
    assert (patient.birth_year, patient.ald, patient.pregnant) == (1950, True, None)
    assert (patient.unattached_since, patient.max_minutes) == (date(2025, 1, 31), 20.5)
    assert (patient.languages, patient.needs_home_visit) == ("fr ar", False)
    assert (patient.code_insee, patient.cell, patient.recorded_at) == ("57463", None, NOON)
    assert patient.family_name is patient.likeness is None


def test_a_point_becomes_a_cell_and_the_commune_and_goes_no_further(filled: Engine) -> None:
    point = {"latitude": 48.69513, "longitude": 6.18157}
    files.applied(filled, files.patients(P | {"code_insee": None} | point))

    patient = the_patient(filled)
    assert patient.cell == h3.latlng_to_cell(48.69513, 6.18157, 9)
    assert patient.code_insee == "54395"
    assert "48.695" not in str(files.state_of(filled)["patient"])


@pytest.mark.parametrize(
    "place",
    [
        {"code_insee": "55029", "latitude": 48.7712, "longitude": 5.1672},
        {"code_insee": None, "latitude": 43.2965, "longitude": 5.3698},
    ],
)
def test_a_point_in_no_known_commune_keeps_its_cell_and_is_counted(
    filled: Engine, place: dict[str, Any]
) -> None:
    counted = files.applied(filled, files.patients(P | place))

    assert (counted.added, counted.without_commune) == (1, 1)
    assert the_patient(filled).code_insee is None
    assert the_patient(filled).cell is not None


def test_the_same_file_again_changes_nothing_and_says_so(filled: Engine) -> None:
    file = files.patients(P, {"patient_id": "2", "latitude": 49.12, "longitude": 6.18})
    files.applied(filled, file)
    before = files.state_of(filled)

    seen = files.previewed(filled, file)
    counted = files.applied(filled, file, hour=1)

    assert seen.tally == counted == imports.Tally(unchanged=2)
    assert seen.same_as == NOON
    assert files.state_of(filled) == before


def test_the_same_number_is_brought_up_to_date_column_by_column(filled: Engine) -> None:
    files.applied(filled, files.patients(P, P | {"patient_id": "2"}, P | {"patient_id": "3"}))
    changed = files.patients(
        P | {"ald": False, "birth_year": 1951},
        P | {"patient_id": "2", "ald": False, "household_id": "g"},
        {"patient_id": "4"},
        digest="e",
    )

    seen = files.previewed(filled, changed)
    before = files.state_of(filled)
    counted = files.applied(filled, changed, hour=1)

    columns = {"ald": 2, "birth_year": 1, "household_id": 1}
    assert seen == imports.Preview(imports.Tally(1, 2, 0, 1, columns=columns), [], None)
    assert counted == seen.tally
    assert the_patient(filled).birth_year == 1951
    assert files.state_of(filled) != before
    assert the_patient(filled, "3").ald is True


def test_an_empty_cell_changes_nothing_that_is_known(filled: Engine) -> None:
    files.applied(filled, files.patients(P | {"latitude": 49.12, "longitude": 6.18}))

    counted = files.applied(filled, files.patients({"patient_id": "1"}), hour=1)

    assert counted == imports.Tally(unchanged=1)
    assert the_patient(filled).cell is not None


def test_a_cell_of_the_former_commune_goes_when_only_a_commune_is_said(filled: Engine) -> None:
    files.applied(filled, files.patients(P | {"latitude": 49.12, "longitude": 6.18}))

    moved = files.patients({"patient_id": "1", "code_insee": "54395"})
    counted = files.applied(filled, moved, hour=1)

    assert counted.columns == {"code_insee": 1, "cell": 1}
    assert the_patient(filled).cell is None


def test_a_column_that_the_frame_lacks_says_nothing(filled: Engine) -> None:
    whole = files.patients(P)
    short = imports.File(whole.kind, "metz", whole.frame.select("patient_id", "code_insee"), "e")
    files.applied(filled, whole)

    assert files.applied(
        filled,
        imports.File(
            whole.kind, "metz", short.frame.with_columns(latitude=None, longitude=None), "e"
        ),
        hour=1,
    ) == imports.Tally(unchanged=1)
    assert files.applied(filled, short, hour=2) == imports.Tally(unchanged=1)


@pytest.mark.parametrize("mark", ["opposed_at", "anonymised_at"])
def test_nothing_is_written_about_whoever_objected(filled: Engine, mark: str) -> None:
    files.applied(filled, files.patients(P))
    with files.writing(filled) as session:
        setattr(session.merge(the_patient(filled)), mark, NOON)
    before = files.state_of(filled)

    again = files.patients(P | {"ald": False})

    assert files.previewed(filled, again).tally == imports.Tally(withheld=1)
    assert files.applied(filled, again, hour=1) == imports.Tally(withheld=1)
    assert files.state_of(filled) == before


def test_the_same_numbers_in_another_territory_are_other_people(filled: Engine) -> None:
    files.applied(filled, files.patients(P))
    counted = files.applied(filled, files.patients(P, territory="nancy"), hour=1)

    assert counted == imports.Tally(added=1)
    households = {it.id: it.territory_id for it in files.all_rows(filled, tables.Household)}
    assert sorted(households.values()) == ["metz", "nancy"]
    for patient in files.all_rows(filled, tables.Patient):
        assert households[patient.household_id] == patient.territory_id


def conflicting(engine: Engine, *said: dict[str, Any]) -> list[tuple[int, str, str]]:
    found = files.previewed(engine, files.patients(*said)).conflicts
    return [(it.row, it.column, it.fault) for it in found]


def test_rows_that_contradict_the_store_or_each_other_are_named(filled: Engine) -> None:
    with files.writing(filled) as session:
        theirs = people.household_id("metz", "theirs")
        rows.keep(session, tables.Household(id=theirs, territory_id="nancy"))

    found = conflicting(
        filled,
        P,
        P,
        {"patient_id": "2", "code_insee": "75056"},
        {"patient_id": "3", "code_insee": None},
        {"patient_id": "4", "household_id": "theirs"},
    )

    assert found == [
        (1, "patient_id", "repeated"),
        (2, "code_insee", "unknown_commune"),
        (3, "code_insee", "no_place"),
        (4, "household_id", "household_elsewhere"),
    ]


def test_a_file_with_a_conflict_is_not_applied(filled: Engine) -> None:
    file = files.patients(P, {"patient_id": "2", "code_insee": "75056"})
    before = files.state_of(filled)

    with pytest.raises(errors.UnusableRows, match="unknown_commune: 2"):
        files.applied(filled, file)

    assert files.state_of(filled) == before
    assert files.previewed(filled, file).tally == imports.Tally(added=1)


def test_a_file_for_a_territory_that_is_not_there_is_refused(filled: Engine) -> None:
    with pytest.raises(errors.UnknownTerritory):
        files.previewed(filled, files.patients(P, territory="toul"))
    with pytest.raises(errors.UnknownTerritory):
        files.undone(filled, files.patients(P, territory="toul"))


def test_an_empty_file_changes_nothing_and_removes_nobody(filled: Engine) -> None:
    files.applied(filled, files.patients(P))

    assert files.applied(filled, files.patients(), hour=1) == imports.Tally(gone=1)
    assert the_patient(filled).birth_year == 1950
