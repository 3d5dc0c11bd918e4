"""A batch: written down, sealed, all or nothing, undone exactly."""

import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from api.services import errors, imports
from store import imports as import_rows
from store import journal, tables
from store import session as stores
from tests.api.services.imports import files
from tests.house.sources import ROOT
from tests.store.rows import NOON

P = {"patient_id": "1", "household_id": "f", "birth_year": 1950, "ald": True}
Q = P | {"patient_id": "2"}


def the_patient(engine: Engine, number: str = "1") -> tables.Patient:
    (found,) = (it for it in files.all_rows(engine, tables.Patient) if it.file_number == number)
    return found


def journalled(engine: Engine) -> list[tuple[str, list[str], dict[str, Any]]]:
    with stores.session_factory(engine)() as session:
        assert list(journal.breaches(session, files.VAULT)) == []
    lines = sorted(files.all_rows(engine, tables.JournalLine), key=lambda it: it.number)
    return [(it.act, it.fields, it.detail) for it in lines]


def test_a_batch_says_who_applied_which_file_and_what_it_came_to(filled: Engine) -> None:
    files.applied(filled, files.patients(P, Q, digest="aa"))

    (batch,) = files.all_rows(filled, tables.ImportBatch)
    assert (batch.kind, batch.territory_id, batch.file_digest) == ("patients", "metz", "aa")
    assert (batch.actor, batch.applied_at, batch.undone_at) == ("account:c", NOON, None)
    assert batch.counts == {
        "added": 2,
        "changed": 0,
        "unchanged": 0,
        "gone": 0,
        "withheld": 0,
        "without_commune": 0,
    }


def test_an_import_and_its_undoing_leave_a_line_each_however_many_rows(filled: Engine) -> None:
    files.applied(filled, files.patients(P, Q))
    files.applied(filled, files.patients(P | {"ald": False}, Q | {"ald": False}), hour=1)
    files.undone(filled, files.patients())

    first, second, third = journalled(filled)
    assert (first[0], second[0], third[0]) == ("imported", "imported", "undone")
    assert {"patient_id", "ald", "max_minutes"} <= set(first[1])
    assert second[1] == ["ald"]
    assert second[2]["columns"] == {"ald": 2}
    assert second[2]["counts"]["changed"] == 2


def test_the_batches_that_touched_a_patient_can_be_found(filled: Engine) -> None:
    files.applied(filled, files.patients(P, Q))
    files.applied(filled, files.patients(P, Q | {"ald": False}), hour=1)
    first, second = (
        it.id
        for it in sorted(files.all_rows(filled, tables.ImportBatch), key=lambda it: it.applied_at)
    )

    with stores.session_factory(filled)() as session:

        def touching(number: str) -> list[str]:
            key = the_patient(filled, number).id
            return list(imports.touching(session, files.VAULT, "patient", key))

        assert touching("1") == [first]
        assert touching("2") == [first, second]


def test_the_former_rows_do_not_lie_open(filled: Engine) -> None:
    files.applied(filled, files.patients(P))
    files.applied(filled, files.patients(P | {"birth_year": 1951}), hour=1)

    for batch in files.all_rows(filled, tables.ImportBatch):
        assert b"birth_year" not in batch.former
        assert b"patient" not in batch.former


def test_undoing_puts_every_row_back(filled: Engine) -> None:
    files.applied(filled, files.patients(P, Q | {"latitude": 49.12, "longitude": 6.18}))
    before = files.state_of(filled)
    later = files.patients(
        P | {"birth_year": 1951, "household_id": "g", "max_minutes": 12.5},
        Q | {"code_insee": "54395", "languages": ["ar"]},
        P | {"patient_id": "3", "household_id": "h"},
    )
    files.applied(filled, later, hour=1)
    assert files.state_of(filled) != before

    batch = files.undone(filled, later)

    assert files.state_of(filled) == before
    assert batch.undone_at == NOON + timedelta(hours=10)


def test_imports_are_undone_one_after_the_other_the_last_first(filled: Engine) -> None:
    states = [files.state_of(filled)]
    for hour, ald in enumerate((True, False, True)):
        files.applied(filled, files.patients(P | {"ald": ald}), hour)
        states.append(files.state_of(filled))

    for state in reversed(states[:-1]):
        files.undone(filled, files.patients())
        assert files.state_of(filled) == state
    with pytest.raises(errors.NothingToUndo):
        files.undone(filled, files.patients())


def test_an_import_of_another_kind_or_territory_is_not_undone(filled: Engine) -> None:
    files.applied(filled, files.patients(P))
    before = files.state_of(filled)

    for other in (files.patients(territory="nancy"), files.doctors()):
        with pytest.raises(errors.NothingToUndo):
            files.undone(filled, other)
    assert files.state_of(filled) == before


def test_an_import_whose_former_rows_were_forgotten_is_not_undone(filled: Engine) -> None:
    files.applied(filled, files.patients(P))
    with files.writing(filled) as session:
        assert import_rows.forget(session, NOON + timedelta(hours=1)) == 1

    with pytest.raises(errors.NothingToUndo):
        files.undone(filled, files.patients())


def change_by_telephone(session: Session, patient: tables.Patient) -> None:
    session.merge(patient).pregnant = False


def say_who_it_is(session: Session, patient: tables.Patient) -> None:
    session.merge(patient).family_name = b"sealed"


def open_a_request(session: Session, patient: tables.Patient) -> None:
    request = {"state": "received", "state_since": NOON, "opened_at": NOON}
    session.add(tables.Request(id="r", patient_id=patient.id, territory_id="metz", **request))


def join_the_household(session: Session, patient: tables.Patient) -> None:
    session.add(
        tables.Patient(
            id="new",
            territory_id="metz",
            file_number="9",
            household_id=patient.household_id,
            recorded_at=NOON,
        )
    )


@pytest.mark.parametrize(
    "since", [change_by_telephone, say_who_it_is, open_a_request, join_the_household]
)
def test_an_import_is_not_undone_over_a_later_change(filled: Engine, since: Any) -> None:
    files.applied(filled, files.patients(P, Q))
    with files.writing(filled) as session:
        since(session, the_patient(filled))
    before = files.state_of(filled)

    with pytest.raises(errors.ChangedSince) as refused:
        files.undone(filled, files.patients())

    assert refused.value.rows == 1
    assert files.state_of(filled) == before
    assert [line[0] for line in journalled(filled)] == ["imported"]


def test_a_refused_undoing_leaves_nothing_even_in_the_session_that_goes_on(filled: Engine) -> None:
    files.applied(filled, files.patients(P, Q))
    with files.writing(filled) as session:
        open_a_request(session, the_patient(filled))
    before = files.state_of(filled)

    with files.writing(filled) as session, pytest.raises(errors.ChangedSince):
        imports.undo(session, imports.Kind.PATIENTS, "metz", files.at(1))

    assert files.state_of(filled) == before


@pytest.fixture
def in_small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_rows, "ROWS_AT_ONCE", 3)


@pytest.mark.usefixtures("in_small_portions")
def test_a_row_that_fails_in_the_middle_leaves_nothing_of_the_file(filled: Engine) -> None:
    files.applied(filled, files.patients(P))
    before = files.state_of(filled)
    many = [P | {"patient_id": str(n), "birth_year": 1990} for n in range(10)]
    many[7]["birth_year"] = 1500  # No reader lets it in: the table itself refuses it.

    with pytest.raises(IntegrityError):
        files.applied(filled, files.patients(*many), hour=1)
    with files.writing(filled) as session, pytest.raises(IntegrityError):
        imports.apply(session, files.patients(*many), files.at(2))

    assert files.state_of(filled) == before
    assert len(files.all_rows(filled, tables.ImportBatch)) == len(journalled(filled)) == 1


@pytest.mark.usefixtures("in_small_portions")
def test_many_portions_come_to_the_same(filled: Engine) -> None:
    before = files.state_of(filled)
    many = [P | {"patient_id": str(n), "household_id": str(n // 4)} for n in range(20)]
    told = [{"rpps": f"1099000{n:04}", "latitude": 49.1, "longitude": 6.2} for n in range(10)]
    seen = [
        files.previewed(filled, it).tally for it in (files.patients(*many), files.doctors(*told))
    ]

    assert files.applied(filled, files.patients(*many)) == seen[0] == imports.Tally(added=20)
    assert files.applied(filled, files.doctors(*told)) == seen[1] == imports.Tally(added=10)
    more = [row | {"places": 7} for row in told]
    assert files.applied(filled, files.doctors(*more), hour=1).changed == 10
    for file in (files.doctors(), files.doctors(), files.patients()):
        files.undone(filled, file)
    assert files.state_of(filled) == before


# Applies a file and stops in the middle for ever, in a process of its own.
ENDLESS = """
import sys, time
from dataclasses import replace
from api.services import imports
from store import imports as rows
from store import session
from tests.api.services.imports import files

def never_ends(phase, share):
    if share > 0.5:
        print("begun", flush=True)
        time.sleep(3600)

rows.ROWS_AT_ONCE = 100
many = files.patients(*({"patient_id": str(n), "household_id": str(n)} for n in range(1000)))
with session.writing_factory(session.open_engine(sys.argv[1]))() as opened:
    imports.apply(opened, many, replace(files.at(1), progress=never_ends))
"""


def test_a_kill_in_the_middle_leaves_nothing_and_another_import_goes_through(
    filled: Engine, database_url: str
) -> None:
    before = files.state_of(filled)
    process = subprocess.Popen(  # noqa: S603 - nothing here comes from outside
        [sys.executable, "-c", ENDLESS, database_url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    assert files.state_of(filled) == before
    assert files.all_rows(filled, tables.ImportBatch) == journalled(filled) == []
    assert files.applied(filled, files.patients(P)) == imports.Tally(added=1)


PLACES = some.sampled_from(
    [
        {"code_insee": "57463"},
        {"code_insee": "54395"},
        {"code_insee": None, "latitude": 49.12, "longitude": 6.18},
        {"code_insee": "54395", "latitude": 48.69, "longitude": 6.17},
    ]
)
PATIENT = some.fixed_dictionaries(
    {
        "patient_id": some.sampled_from("1234"),
        "household_id": some.sampled_from([None, "f", "g"]),
        "ald": some.sampled_from([None, True, False]),
        "birth_year": some.sampled_from([None, 1950, 1990]),
    }
)
DOCTOR = some.fixed_dictionaries(
    {
        "rpps": some.sampled_from(["10990000017", "10990000025"]),
        "family_name": some.sampled_from([None, "Lambert", "Weber"]),
        "places": some.integers(0, 2),
        "min_age": some.sampled_from([None, 3]),
    }
)


def a_file(kind: str, row: some.SearchStrategy[dict[str, Any]]) -> some.SearchStrategy[Any]:
    number = "patient_id" if kind == "patients" else "rpps"
    placed = some.tuples(row, PLACES).map(lambda it: it[0] | it[1])
    read = some.lists(placed, max_size=4, unique_by=lambda it: it[number])
    # One territory for doctors: two of them would share the doctors, and refuse some undoings.
    where = some.sampled_from(["metz", "nancy"] if kind == "patients" else ["metz"])
    return some.tuples(some.just(kind), where, some.none() | read)


STEPS = some.lists(
    some.one_of(a_file("patients", PATIENT), a_file("doctors", DOCTOR)), min_size=1, max_size=8
)


def of_territory(session: Session, kind: str, territory: str) -> list[Any]:
    """What imports of a kind into a territory can change."""
    stored = files.state(session)
    if kind == "doctors":
        return [stored[name] for name in ("doctor", "practice", "capacity")]
    return [[row for row in stored[name] if territory in row] for name in ("household", "patient")]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_any_imports_and_undoings_keep_households_at_home_and_undo_to_the_row(
    filled: Engine, steps: list[tuple[str, str, list[dict[str, Any]] | None]]
) -> None:
    before: dict[tuple[str, str], list[Any]] = {}
    # Nothing is committed: each example finds the store as the last one did.
    with stores.writing_factory(filled)() as session:
        for hour, (kind, territory, read) in enumerate(steps):
            stack = before.setdefault((kind, territory), [])
            if read is None:
                undo(session, imports.Kind(kind), territory, stack, hour)
            else:
                stack.append(of_territory(session, kind, territory))
                made = files.patients if kind == "patients" else files.doctors
                file = made(*read, territory=territory)
                seen = imports.preview(session, file, NOON)
                assert imports.apply(session, file, files.at(hour))[1] == seen.tally
                again = imports.preview(session, file, NOON).tally
                assert (again.unchanged, again.gone) == (len(read), seen.tally.gone)
            assert_households_at_home(session)
        session.rollback()


def undo(session: Session, kind: imports.Kind, territory: str, stack: list[Any], hour: int) -> None:
    if not stack:
        with pytest.raises(errors.NothingToUndo):
            imports.undo(session, kind, territory, files.at(hour))
        return
    imports.undo(session, kind, territory, files.at(hour))
    assert of_territory(session, kind, territory) == stack.pop()


def assert_households_at_home(session: Session) -> None:
    households = {row[0]: row[1] for row in files.state(session)["household"]}
    columns = list(tables.Patient.model_fields)
    at_home, mine = columns.index("territory_id"), columns.index("household_id")
    for patient in files.state(session)["patient"]:
        assert patient[mine] is None or households[patient[mine]] == patient[at_home]
