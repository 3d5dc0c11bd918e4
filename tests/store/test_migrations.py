"""Up and down with rows in the tables: what both ends can say is there at both ends."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, select, text
from sqlalchemy.exc import IntegrityError

from store import session as stores
from store import tables
from tests.house.sources import ROOT
from tests.store import whole

AT_FIRST = (
    "INSERT INTO territory VALUES ('metz', 'Metz', 'Europe/Paris')",
    "INSERT INTO commune VALUES ('57463', 'Metz', '57000', 120000, 49.1, 6.2, 'Metz Métropole')",
    "INSERT INTO doctor VALUES ('1', 'Lambert', 'Inès')",
    "INSERT INTO doctor VALUES ('2', NULL, NULL)",
    "INSERT INTO practice VALUES"
    " (1, '1', '57463', 49.1, 6.2, 10, 3, 80, true, 'fr ar', 15.5, 'installed', '2026-11-01')",
    "INSERT INTO practice VALUES"
    " (2, '2', NULL, 49.2, 6.3, 0, NULL, NULL, NULL, '', NULL, NULL, NULL)",
    "INSERT INTO site VALUES ('A', 'metz', 'MMG', '1 rue', '57463', 49.1, 6.2, NULL)",
    "INSERT INTO slot VALUES"
    " ('S', 'A', '2026-11-21 12:00:00.000000', '2026-11-21 14:00:00.000000', 1, 2, 3)",
    "INSERT INTO duty VALUES ('S', '1', 3)",
    "INSERT INTO run VALUES (1, 'matching', '2026-11-21', 1, 'optimal', '{}', 'd',"
    " '2026-11-21 12:00:00.000000')",
    "INSERT INTO commune_figure VALUES (1, '57463', 20, 12, NULL, 3, 40)",
)


@pytest.fixture
def engine(bare_database_url: str) -> Iterator[Engine]:
    opened = stores.open_engine(bare_database_url)
    yield opened
    opened.dispose()


def contents(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table by the names of the columns, whatever their order is."""
    found = MetaData()
    with engine.connect() as connection:
        found.reflect(connection)
        return {
            table.name: [
                dict(row._mapping)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in found.sorted_tables
            if table.name != "alembic_version"
        }


def test_what_was_there_first_goes_up_and_comes_down_again(
    engine: Engine, bare_database_url: str
) -> None:
    stores.migrate(bare_database_url, "0001")
    with engine.begin() as connection:
        for statement in AT_FIRST:
            connection.execute(text(statement))
    before = contents(engine)

    stores.migrate(bare_database_url)
    above = contents(engine)
    stores.migrate(bare_database_url, "0001")

    assert contents(engine) == before
    assert [(it["practice_id"], it["places"], it["current"]) for it in above["capacity"]] == [
        (1, 10, True),
        (2, 0, True),
    ]
    assert [it["declared_on"] for it in above["capacity"]] == [
        before["practice"][0]["confirmed_on"],
        None,
    ]
    kept = ("rpps", "code_insee", "latitude", "wheelchair", "languages", "status")
    assert [[it[name] for name in kept] for it in above["practice"]] == [
        [it[name] for name in kept] for it in before["practice"]
    ]


def test_a_full_store_comes_down_step_by_step_and_goes_up_again(
    engine: Engine, bare_database_url: str
) -> None:
    stores.migrate(bare_database_url)
    with stores.session_factory(engine)() as session:
        for row in whole.store():
            session.add(row)
            session.flush()
        session.commit()
    before = contents(engine)

    for number in range(len(stores.revisions()) - 2, 0, -1):
        stores.migrate(bare_database_url, f"{number:04}")
    lowest = contents(engine)
    stores.migrate(bare_database_url)

    for name in ("doctor", "slot", "commune", "run"):
        shared = lowest[name][0].keys()
        assert [{key: it[key] for key in shared} for it in before[name]] == lowest[name], name
    assert len(contents(engine)["capacity"]) == len(before["capacity"])
    stores.migrate(bare_database_url, "base")
    assert contents(engine) == {}


@pytest.mark.parametrize("table", ["practice", "site", "run", "duty"])
def test_tables_written_anew_keep_their_references(
    engine: Engine, bare_database_url: str, table: str
) -> None:
    stores.migrate(bare_database_url, "0001")
    stores.migrate(bare_database_url)
    with stores.session_factory(engine)() as session:
        for row in whole.store():
            session.add(row)
            session.flush()
        session.commit()

    referred = {"practice": "doctor", "site": "commune", "run": "territory", "duty": "slot"}
    emptied = tables.Row.metadata.tables[referred[table]].delete()
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(emptied)


def test_a_migration_that_leaves_rows_without_parent_is_undone(
    bare_database_url: str, engine: Engine
) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL minds at every statement")
    stores.migrate(bare_database_url, "0001")
    loose = stores.open_engine(bare_database_url, rebuilding=True)
    with loose.begin() as connection:
        connection.execute(text("INSERT INTO duty VALUES ('none', 'nobody', 1)"))
    loose.dispose()

    with pytest.raises(stores.BrokenReferences, match="duty"):
        stores.migrate(bare_database_url)

    with engine.connect() as connection:
        assert stores.revision_of(connection) == "0001"


# Brings a database up to date in a process of its own, which dies before some statement.
DYING = """
import os, signal, sys
from sqlalchemy import Engine, event
from store import session

left = int(sys.argv[2])

def count(*_told):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "before_cursor_execute", count)
session.migrate(sys.argv[1])
"""


@pytest.mark.parametrize("statements", [40, 80, 110])
def test_a_migration_that_is_killed_leaves_the_former_tables_and_rows(
    engine: Engine, bare_database_url: str, statements: int
) -> None:
    stores.migrate(bare_database_url, "0001")
    with engine.begin() as connection:
        for statement in AT_FIRST:
            connection.execute(text(statement))
    before = contents(engine)
    address = engine.url.render_as_string(hide_password=False)

    died = subprocess.run(  # noqa: S603 - nothing here comes from outside
        [sys.executable, "-c", DYING, address, str(statements)], cwd=ROOT, check=False
    )

    assert died.returncode == -signal.SIGKILL
    assert contents(engine) == before
    with engine.connect() as connection:
        assert stores.revision_of(connection) == "0001"
    stores.migrate(bare_database_url)
    assert stores.is_migrated(engine)
