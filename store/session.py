"""The way to the database: engines, sessions, and the migrations that bring it up to date.

Whoever reads in several queries sees one moment of the store, on both databases: a roster that
is being replaced is seen as it was before or as it is after, never half way.
"""

from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session as Session  # the edges annotate with it, and know no sqlmodel

MIGRATIONS = Path(__file__).parent / "migrations"

Unreachable = OperationalError
"""What is raised when the database does not answer."""

NotAnAddress = ArgumentError
"""What is raised for text that is not the address of a database."""

BUSY_TIMEOUT_MS = 5_000
"""How long a SQLite writer waits for another one: far longer than a publication takes to write."""


def open_engine(database_url: str) -> Engine:
    """An engine for `sqlite:///file`, `postgresql://...` or `postgresql+psycopg://...`.

    The caller disposes of it. Nothing is connected to yet, and nothing is created.
    """
    url = make_url(database_url)
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        # Repeatable read: all the queries of a transaction see the same moment.
        return create_engine(url, pool_pre_ping=True, isolation_level="REPEATABLE READ")
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: SQLiteConnection, _record: object) -> None:
    # The driver's own transactions start at the first write only, which would let two reads of
    # one transaction see two moments: we take them over (see `_begin_sqlite`).
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Makes sessions on `engine`. The edge that opens one commits it, once, and closes it."""
    return sessionmaker(engine, class_=Session, expire_on_commit=False)


def migrate(database_url: str, revision: str = "head") -> None:
    """Bring the database to `revision`, up or down to `base`: all the steps or none of them."""
    engine = open_engine(database_url)
    try:
        with engine.begin() as connection:
            configuration = _configuration(connection)
            if revision == "base":
                command.downgrade(configuration, revision)
            else:
                command.upgrade(configuration, revision)
    finally:
        engine.dispose()


def is_migrated(engine: Engine) -> bool:
    """Whether the database stands at the newest revision of this program.

    Raises what the driver raises when the database cannot be reached.
    """
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
    return set(current) == set(ScriptDirectory(str(MIGRATIONS)).get_heads())


def _configuration(connection: Connection | None = None) -> Config:
    attributes: dict[str, Any] = {"connection": connection}
    configuration = Config(attributes=attributes)
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration
