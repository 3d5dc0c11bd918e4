"""The way to the database: engines, sessions, and the migrations that bring it up to date.

Whoever reads in several queries sees one moment of the store, on both databases: a roster that
is being replaced is seen as it was before or as it is after, never half way. Whoever writes does
so alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
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
from sqlalchemy.pool import QueuePool
from sqlmodel import Session as Session  # the edges annotate with it, and know no sqlmodel

MIGRATIONS = Path(__file__).parent / "migrations"

Unreachable = OperationalError
"""What is raised when the database does not answer."""

NotAnAddress = ArgumentError
"""What is raised for text that is not the address of a database."""

BUSY_TIMEOUT_MS = 5_000
"""How long a writer waits for another one: far longer than a publication takes to write."""

WRITING = "releve_writing"
"""The execution option of connections that write."""


class BrokenReferences(Exception):
    """A table has a row that refers to one which does not exist."""


def open_engine(database_url: str, *, rebuilding: bool = False) -> Engine:
    """An engine for `sqlite:///file`, `postgresql://...` or `postgresql+psycopg://...`.

    The caller disposes of it. Nothing is connected to yet, and nothing is created. `rebuilding` is
    for migrations: SQLite changes a table by writing it anew, and must not mind meanwhile that
    rows elsewhere refer to it (`check_references` sees to it in the end).
    """
    url = make_url(database_url)
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        # Repeatable read: all the queries of a transaction see the same moment.
        engine = create_engine(
            url, pool_pre_ping=True, isolation_level="REPEATABLE READ", hide_parameters=True
        )
        event.listen(engine, "begin", _begin_postgresql)
        return engine
    # What stands in a row is not told with an error: it may be about somebody.
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", partial(_prepare_sqlite, references=not rebuilding))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def engine_of(database_url: str, *, rebuilding: bool = False) -> Iterator[Engine]:
    """The engine of `open_engine` for as long as it is used; disposed of at the end."""
    engine = open_engine(database_url, rebuilding=rebuilding)
    try:
        yield engine
    finally:
        engine.dispose()


def _prepare_sqlite(connection: SQLiteConnection, _record: object, *, references: bool) -> None:
    # The driver's own transactions start at the first write only, which would let two reads of
    # one transaction see two moments: we take them over (see `_begin_sqlite`).
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        f"foreign_keys = {'ON' if references else 'OFF'}",
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # Immediate: the transaction waits for other writers now, and not in the middle of its work.
    writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITING):
        # Before the first query, whose moment the whole transaction sees.
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {BUSY_TIMEOUT_MS}")
        connection.exec_driver_sql("LOCK TABLE journal_head IN EXCLUSIVE MODE")


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Makes sessions on `engine`. The edge that opens one commits it, once, and closes it."""
    return sessionmaker(engine, class_=Session, expire_on_commit=False)


def writing_factory(engine: Engine) -> sessionmaker[Session]:
    """Makes sessions that write: one at a time, so that none sees a moment that is gone.

    They queue, for a few seconds at most, when they begin. Whoever only reads never waits.
    """
    return session_factory(engine.execution_options(**{WRITING: True}))


@dataclass(frozen=True)
class PoolCounts:
    """Connections that an engine holds."""

    in_use: int
    idle: int
    size: int
    """So many are kept open once they were needed; a few more may be open for a while."""


def pool_counts(engine: Engine) -> PoolCounts:
    """What the engine holds now; nothing where connections are not pooled (in memory)."""
    pool = engine.pool
    if not isinstance(pool, QueuePool):
        return PoolCounts(0, 0, 0)
    return PoolCounts(pool.checkedout(), pool.checkedin(), pool.size())


def migrate(database_url: str, revision: str = "head") -> None:
    """Bring the database to `revision`, up or down to `base`: all the steps or none of them."""
    with engine_of(database_url, rebuilding=True) as engine, engine.begin() as connection:
        configuration = _configuration(connection)
        if _is_behind(connection, revision):
            command.downgrade(configuration, revision)
        else:
            command.upgrade(configuration, revision)
        check_references(connection)


def _is_behind(connection: Connection, revision: str) -> bool:
    """Whether the revision is one that the database has gone past."""
    if revision == "base":
        return True
    scripts = ScriptDirectory(str(MIGRATIONS))
    past = scripts.iterate_revisions(revision_of(connection), "base")
    return revision in {script.revision for script in past}


def build(connection: Connection, revision: str) -> None:
    """Make a database that holds nothing anew at a revision, within a transaction of others."""
    configuration = _configuration(connection)
    command.downgrade(configuration, "base")
    if revision != "base":
        command.upgrade(configuration, revision)


def bring_up_to_date(connection: Connection) -> None:
    """Upgrade to the newest revision, within a transaction of others."""
    command.upgrade(_configuration(connection), "head")
    check_references(connection)


def check_references(connection: Connection) -> None:
    """Raises BrokenReferences if a row refers to one that is not there (SQLite, see above)."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise BrokenReferences(str(broken[0]))


def revision_of(connection: Connection) -> str:
    """At which revision the tables stand; `base` if there are none yet."""
    return MigrationContext.configure(connection).get_current_revision() or "base"


def revisions() -> set[str]:
    """Every revision that this program knows."""
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return {"base", *(script.revision for script in scripts)}


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
