import gzip
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import select

from store import backup, journal, tables
from store import session as stores
from store.vault import Vault
from tests.store import rows
from tests.store.rows import NOON

VAULT = Vault([bytes(range(32))])


def fill(engine: Engine) -> None:
    """Every kind of column: texts with accents, empty ones, numbers, days, instants, JSON."""
    with stores.writing_factory(engine)() as session:
        rows.keep(
            session,
            rows.a_commune(name="Bar-le-Duc « ç »"),
            rows.a_doctor(),
            rows.a_site(phone=None),
            rows.a_slot(),
            rows.a_duty(),
            rows.a_run(seed=2**40, summary={"bound": [1, None, {"é": 0.1}]}),
        )
        rows.keep_offer(session, wheelchair=None, home_visit_minutes=12.5)
        line = journal.Entry(NOON, "account:1", "read", "patient:1", "matching", ("phone",))
        journal.append(session, VAULT, line)
        session.commit()


def contents(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    with stores.session_factory(engine)() as session:
        return {
            row.__name__: [it.model_dump() for it in session.exec(select(row)).all()]
            for row in tables.Row.__subclasses__()
        }


@pytest.fixture
def saved(engine: Engine, tmp_path: Path) -> Path:
    fill(engine)
    file = tmp_path / "releve.backup"
    backup.backup(engine, file, NOON)
    return file


@pytest.fixture
def bare_engine(bare_database_url: str) -> Iterator[Engine]:
    opened = stores.open_engine(bare_database_url)
    yield opened
    opened.dispose()


def test_a_store_comes_back_as_it_was_from_either_database_into_either(
    engine: Engine, saved: Path, bare_database_url: str, bare_engine: Engine
) -> None:
    restored = backup.restore(bare_database_url, saved)

    assert contents(bare_engine) == contents(engine)
    assert stores.is_migrated(bare_engine)
    assert restored.made_at == NOON
    assert restored.rows["doctor"] == restored.rows["journal_line"] == 1
    with stores.session_factory(bare_engine)() as session:
        assert list(journal.breaches(session, VAULT)) == []


def test_rows_added_after_a_restoration_get_numbers_of_their_own(
    saved: Path, bare_database_url: str, bare_engine: Engine
) -> None:
    backup.restore(bare_database_url, saved)

    with stores.session_factory(bare_engine)() as session:
        rows.keep(session, rows.a_run("roster"))
        numbers = session.exec(select(tables.Run.id).order_by(tables.Run.id)).all()  # type: ignore[arg-type]

    assert len(set(numbers)) == 2


def test_a_backup_of_former_tables_is_brought_up_to_date(
    bare_database_url: str, bare_engine: Engine, tmp_path: Path
) -> None:
    former, file = f"sqlite:///{tmp_path / 'former.sqlite3'}", tmp_path / "former.backup"
    stores.migrate(former, "0001")
    engine = stores.open_engine(former)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO territory VALUES ('metz', 'Metz', 'Europe/Paris')"))
    backup.backup(engine, file, NOON)
    engine.dispose()

    assert backup.restore(bare_database_url, file).revision == "0001"

    assert stores.is_migrated(bare_engine)
    with stores.session_factory(bare_engine)() as session:
        assert session.exec(select(tables.Territory.name)).all() == ["Metz"]


def test_nothing_is_restored_over_what_is_there(engine: Engine, saved: Path) -> None:
    address = engine.url.render_as_string(hide_password=False)
    before = contents(engine)

    with pytest.raises(backup.NotEmpty) as refused:
        backup.restore(address, saved)

    assert refused.value.tables["doctor"] == 1
    assert contents(engine) == before


def test_an_empty_store_of_today_is_filled_too(
    engine: Engine, saved: Path, bare_database_url: str, bare_engine: Engine
) -> None:
    stores.migrate(bare_database_url)

    backup.restore(bare_database_url, saved)

    assert contents(bare_engine) == contents(engine)


def cut_short(lines: list[str]) -> list[str]:
    return lines[:-1]


def a_row_less(lines: list[str]) -> list[str]:
    at = next(n for n, line in enumerate(lines) if line.startswith("[") and "Bar-le-Duc" in line)
    return lines[:at] + lines[at + 1 :]


def of_tomorrow(lines: list[str]) -> list[str]:
    return [json.dumps(json.loads(lines[0]) | {"revision": "9999"}), *lines[1:]]


def of_others(lines: list[str]) -> list[str]:
    return ["{}", *lines[1:]]


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (cut_short, "cut_short"),
        (a_row_less, "cut_short"),
        (of_tomorrow, "unknown_revision"),
        (of_others, "not_a_backup"),
        (lambda _: [], "not_a_backup"),
    ],
)
def test_a_file_that_is_not_whole_or_not_ours_leaves_nothing_behind(
    saved: Path, bare_database_url: str, bare_engine: Engine, spoil: Any, fault: str
) -> None:
    lines = gzip.decompress(saved.read_bytes()).decode().splitlines()
    saved.write_bytes(gzip.compress("\n".join(spoil(lines)).encode()))

    with pytest.raises(backup.Unusable) as refused:
        backup.restore(bare_database_url, saved)

    assert refused.value.fault == fault
    with bare_engine.connect() as connection:
        assert stores.revision_of(connection) == "base"


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda raw: raw[: len(raw) // 2], "cut_short"),
        (lambda raw: b"rpps,places" + raw, "not_a_backup"),
    ],
)
def test_bytes_that_are_no_whole_archive_are_refused(
    saved: Path, tmp_path: Path, spoil: Any, fault: str
) -> None:
    saved.write_bytes(spoil(saved.read_bytes()))

    with pytest.raises(backup.Unusable) as refused:
        backup.restore(f"sqlite:///{tmp_path / 'new.sqlite3'}", saved)

    assert refused.value.fault == fault


def test_a_backup_made_while_others_write_is_of_one_moment(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with stores.writing_factory(engine)() as session:
                session.add(rows.a_slot(f"S{number}", starts_at=NOON - timedelta(hours=number)))
                session.flush()
                session.add(rows.a_duty(f"S{number}"))
                session.commit()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        taken = [backup.backup(engine, tmp_path / f"{n}.backup", NOON) for n in range(5)]
    finally:
        stop.set()
        thread.join()

    assert all(saved.rows["slot"] == saved.rows["duty"] for saved in taken)


def test_a_file_that_cannot_be_written_leaves_the_former_one(engine: Engine, saved: Path) -> None:
    before = saved.read_bytes()

    with pytest.raises(OSError, match="folder"):
        backup.backup(engine, saved.parent / "no folder" / "x", NOON)

    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir() if "unfinished" in path.name] == []
