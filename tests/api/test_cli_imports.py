from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from store import session as stores
from store import tables
from tests.api import commands
from tests.api.services.imports import files

HEADER = "patient_id,code_insee,ald,birth_year"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Engine]:
    """A store of two territories of which the commands know, in the current folder."""
    address = f"sqlite:///{tmp_path / 'releve.sqlite3'}"
    monkeypatch.setenv("RELEVE_DATABASE_URL", address)
    monkeypatch.setenv("RELEVE_DEMO", "true")
    monkeypatch.chdir(tmp_path)
    stores.migrate(address)
    engine = stores.open_engine(address)
    files.fill(engine)
    yield engine
    engine.dispose()


def given(*lines: str) -> Path:
    return commands.a_file(Path(), "patients", [HEADER, *lines])


def test_a_file_is_looked_at_applied_and_taken_back(store: Engine) -> None:
    file = given("1,57463,yes,1950", "2,57463,,1960")
    words = ("import", "patients", "--file", file, "--territory", "metz")

    seen = commands.run(*words)
    assert (seen.exit_code, files.all_rows(store, tables.Patient)) == (0, [])
    done = commands.run(*words, "--apply")
    again = commands.run(*words, "--apply")
    given("1,57463,no,1950", "3,57463,,")
    changed = commands.run(*words, "--apply")
    undone = commands.run("undo-import", "patients", "--territory", "metz")

    assert "aperçu, rien n'est écrit" in seen.stdout
    assert "--apply" in seen.stdout
    assert "appliqué" in done.stdout
    assert "Rien ne change." in again.stdout
    assert "Ce même fichier a été importé le" in again.stdout
    assert "ald" in changed.stdout
    assert undone.stdout.endswith("est annulé : 1 retirés, 1 rétablis.\n")
    assert sorted(it.file_number for it in files.all_rows(store, tables.Patient)) == ["1", "2"]
    (actor,) = {it.actor for it in files.all_rows(store, tables.JournalLine)}
    assert actor.startswith("command:")


def test_doctors_are_imported_too(store: Engine) -> None:
    file = commands.a_file(Path(), "doctors", ["rpps,code_insee,places", "10990000017,57463,3"])

    done = commands.run("import", "doctors", "--file", file, "--territory", "metz", "--apply")

    assert done.exit_code == 0
    assert [it.places for it in files.all_rows(store, tables.Capacity)] == [3]


def test_a_refused_file_is_told_by_line_column_value_and_reason(store: Engine) -> None:
    file = given("1,57463,yes,1950", "2,75056,,", "3,57463,perhaps,")
    words = ("import", "patients", "--file", file, "--territory", "metz", "--apply")

    refused = commands.run(*words)

    assert refused.exit_code == 2
    assert "patients.csv, ligne 3, colonne « code_insee » : « 75056 » est une" in refused.stderr
    assert "patients.csv, ligne 4, colonne « ald » : « perhaps » n'est ni" in refused.stderr
    assert "Rien n'a été importé. Le détail est dans out/import/rejects.csv." in refused.stderr
    assert [it["line"] for it in commands.rows(Path("out/import"), "rejects")] == ["3", "4"]
    assert files.all_rows(store, tables.Patient) == []


def test_the_rest_is_imported_when_that_is_accepted(store: Engine) -> None:
    file = given("1,57463,yes,1950", "2,75056,,")
    words = ("import", "patients", "--file", file, "--territory", "metz", "--apply")

    done = commands.run(*words, "--accept-partial", "--out", "refused")

    assert done.exit_code == 0
    assert "1 cases refusées" in done.stdout
    assert [it["line"] for it in commands.rows(Path("refused"), "rejects")] == ["3"]
    assert len(files.all_rows(store, tables.Patient)) == 1


@pytest.mark.usefixtures("store")
def test_what_cannot_be_done_is_said_in_a_sentence() -> None:
    file = given("1,57463,yes,1950")

    unknown = commands.run("import", "patients", "--file", file, "--territory", "toul")
    missing = commands.run("import", "patients", "--file", "no.csv", "--territory", "metz")
    nothing = commands.run("undo-import", "patients", "--territory", "metz")

    assert (unknown.exit_code, missing.exit_code, nothing.exit_code) == (2, 2, 2)
    assert "La base n'a pas de territoire « toul »." in unknown.stderr
    assert "no.csv" in missing.stderr
    assert "Aucun import" in nothing.stderr
    assert "Traceback" not in unknown.stderr + missing.stderr + nothing.stderr


def test_an_import_that_served_since_or_was_sealed_otherwise_is_not_undone(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = given("1,57463,yes,1950")
    commands.run("import", "patients", "--file", file, "--territory", "metz", "--apply")
    with files.writing(store) as session:
        (patient,) = files.all_rows(store, tables.Patient)
        session.merge(patient).pregnant = True

    refused = commands.run("undo-import", "patients", "--territory", "metz")
    monkeypatch.setenv("RELEVE_SECRET_KEYS", "0123456789abcdef" * 4)
    sealed = commands.run("undo-import", "patients", "--territory", "metz")

    assert sealed.exit_code == 2
    assert "RELEVE_SECRET_KEYS n'ouvre pas" in sealed.stderr
    assert refused.exit_code == 2
    assert "L'import n'est pas annulé : 1 de ses lignes" in refused.stderr
