from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from api.settings import Settings
from store import journal, retention, tables
from store import session as stores
from tests.api import commands
from tests.store import rows
from tests.store.rows import NOON


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The address of a store that is not there yet, of which the commands know."""
    address = f"sqlite:///{tmp_path / 'releve.sqlite3'}"
    monkeypatch.setenv("RELEVE_DATABASE_URL", address)
    monkeypatch.setenv("RELEVE_DEMO", "true")
    monkeypatch.chdir(tmp_path)
    return address


def fill(url: str) -> None:
    engine = stores.open_engine(url)
    with stores.writing_factory(engine)() as session:
        rows.keep(session, rows.a_commune(), rows.a_doctor())
        line = journal.Entry(NOON, "account:1", "read", "patient:1", "matching")
        journal.append(session, Settings().vault, line)
        session.commit()
    engine.dispose()


def test_a_store_is_saved_lost_and_filled_again(url: str, tmp_path: Path) -> None:
    assert commands.run("migrate").exit_code == 0
    fill(url)

    saved = commands.run("backup", "a.backup")
    for file in tmp_path.glob("releve.sqlite3*"):
        file.unlink()
    restored = commands.run("restore", "a.backup")

    assert saved.exit_code == restored.exit_code == 0
    assert "4 lignes" in saved.stdout
    assert "4 lignes" in restored.stdout
    engine = stores.open_engine(url)
    with stores.session_factory(engine)() as session:
        assert session.exec(select(tables.Doctor.rpps)).all() == ["10990000017"]
    engine.dispose()
    checked = commands.run("check-store")
    assert (checked.exit_code, checked.stdout) == (
        0,
        "La base est saine, le journal est inaltéré.\n",
    )


def test_a_store_that_holds_something_is_not_restored_over(url: str) -> None:
    commands.run("migrate")
    fill(url)
    commands.run("backup", "a.backup")

    refused = commands.run("restore", "a.backup")

    assert refused.exit_code == 2
    assert "n'est pas vide" in refused.stderr
    assert "doctor" in refused.stderr


@pytest.mark.usefixtures("url")
def test_what_is_no_backup_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("rpps\n")

    refused = commands.run("restore", "a.csv")

    assert (refused.exit_code, refused.stderr) == (
        2,
        "Ce fichier n'est pas une sauvegarde de Relève.\n",
    )


@pytest.mark.usefixtures("url")
@pytest.mark.parametrize("words", [("restore", "none.backup"), ("backup", "none/a.backup")])
def test_a_file_that_is_not_there_is_named(words: tuple[str, ...]) -> None:
    commands.run("migrate")

    refused = commands.run(*words)

    assert refused.exit_code == 2
    assert "none" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.usefixtures("url")
def test_the_purge_is_told_beforehand_in_words() -> None:
    commands.run("migrate")

    told = commands.run("purge")

    assert told.exit_code == 0
    assert [line.split()[0] for line in told.stdout.splitlines()[:-1]] == ["0"] * len(
        retention.RULES
    )
    assert "Rien n'a été changé" in told.stdout


def test_an_altered_journal_is_told_by_line_and_ends_with_a_status_of_its_own(url: str) -> None:
    commands.run("migrate")
    fill(url)
    engine = stores.open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM journal_line"))
    engine.dispose()

    checked = commands.run("check-store")

    assert checked.exit_code == 3
    assert checked.stderr == "Journal, ligne 0 : des lignes manquent après elle, la dernière\n"
