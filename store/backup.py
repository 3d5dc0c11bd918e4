"""A whole store in one file, and back: the same file for SQLite and PostgreSQL.

The file is a compressed list of lines (gzip, JSON): one that says what it is, then for each table
its name, its columns and its rows, at last how many rows there were. Sealed columns stay sealed:
without the keys of the service nobody reads them.
"""

import base64
import gzip
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import (
    Connection,
    Date,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    func,
    select,
)
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.types import TypeEngine

from store import session

FORMAT = "releve-backup-1"
AT_ONCE = 1_000
"""Rows read or written together."""

VERSION_TABLE = "alembic_version"


class Unusable(Exception):
    """A file that is no backup, or not a whole one, or one of a newer program."""

    def __init__(self, fault: str, line: int) -> None:
        """`fault` is `not_a_backup`, `cut_short` or `unknown_revision`."""
        super().__init__(f"{fault} at line {line}")
        self.fault, self.line = fault, line


class NotEmpty(Exception):
    """A store that holds something already: nothing is ever restored over it."""

    def __init__(self, tables: Mapping[str, int]) -> None:
        super().__init__(", ".join(f"{name}: {rows}" for name, rows in tables.items()))
        self.tables = tables


@dataclass(frozen=True)
class Saved:
    """What a backup holds: the revision of its tables, when it was made, rows by table."""

    revision: str
    made_at: datetime
    rows: Mapping[str, int]


def backup(engine: Engine, file: Path, now: datetime) -> Saved:
    """Write the store as it is at this moment, while others go on reading and writing.

    The file appears when it is whole. Raises OSError if it cannot be written.
    """
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.unfinished")
    try:
        with engine.connect() as connection, unfinished.open("wb") as raw:
            with gzip.open(raw, "wt", encoding="utf-8") as out:
                saved = _write(connection, out, now)
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return saved


def restore(database_url: str, file: Path) -> Saved:
    """Fill an empty database from a backup and bring it up to date: all of it or nothing.

    Raises NotEmpty, Unusable, and OSError if the file cannot be read.
    """
    try:
        with (
            session.engine_of(database_url, rebuilding=True) as engine,
            engine.begin() as connection,
            gzip.open(file, "rt", encoding="utf-8") as lines,
        ):
            _refuse_unless_empty(connection)
            return _read(connection, lines)
    except (gzip.BadGzipFile, UnicodeDecodeError) as wrong:
        raise Unusable("not_a_backup", 0) from wrong
    except (EOFError, IntegrityError, DataError, session.BrokenReferences) as cut:
        raise Unusable("cut_short", 0) from cut


def _write(connection: Connection, out: IO[str], now: datetime) -> Saved:
    revision = session.revision_of(connection)
    made_at = now.astimezone(UTC)
    _put(out, {"format": FORMAT, "revision": revision, "made_at": made_at.isoformat()})
    rows = dict[str, int]()
    for table in _tables(connection):
        _put(out, {"table": table.name, "columns": [column.name for column in table.columns]})
        rows[table.name] = 0
        for row in _rows(connection, table):
            _put(out, [_plain(value) for value in row])
            rows[table.name] += 1
    _put(out, {"rows": rows})
    return Saved(revision, made_at, rows)


def _put(out: IO[str], said: object) -> None:
    out.write(json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n")


def _tables(connection: Connection) -> list[Table]:
    """The tables as the database has them, referred ones first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


def _rows(connection: Connection, table: Table) -> Iterator[Any]:
    asked = select(table).order_by(*table.primary_key.columns)
    yield from connection.execution_options(yield_per=AT_ONCE).execute(asked)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value
        return aware.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _refuse_unless_empty(connection: Connection) -> None:
    held = {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in _tables(connection)
    }
    if any(held.values()):
        raise NotEmpty({name: rows for name, rows in held.items() if rows})


def _read(connection: Connection, lines: IO[str]) -> Saved:
    numbered = enumerate(lines, start=1)
    head = _said(next(numbered, (1, "")))
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise Unusable("not_a_backup", 1)
    session.build(connection, _known(head["revision"]))
    tables = {table.name: table for table in _tables(connection)}
    announced = _fill(connection, tables, numbered)
    _set_counters(connection, tables)
    session.bring_up_to_date(connection)
    return Saved(head["revision"], datetime.fromisoformat(head["made_at"]), announced)


def _known(revision: str) -> str:
    if revision not in session.revisions():
        raise Unusable("unknown_revision", 1)
    return revision


def _fill(
    connection: Connection, tables: Mapping[str, Table], lines: Iterator[tuple[int, str]]
) -> Mapping[str, int]:
    """Write the rows of every table; returns how many the file announces, which is checked."""
    written = dict[str, int]()
    batch = _Batch(connection)
    number = 1
    for number, line in lines:
        said = _said((number, line))
        if isinstance(said, list):
            batch.add(said)
        elif "table" in said:
            batch.flush()
            batch = _Batch(connection, tables.get(said["table"]), said["columns"], written)
        else:
            batch.flush()
            if said.get("rows") != written:
                raise Unusable("cut_short", number)
            return written
    raise Unusable("cut_short", number)


class _Batch:
    """Rows of one table on their way into the database."""

    def __init__(
        self,
        connection: Connection,
        table: Table | None = None,
        columns: list[str] | None = None,
        written: dict[str, int] | None = None,
    ) -> None:
        self._connection, self._table, self._rows = connection, table, list[dict[str, Any]]()
        self._columns, self._written = columns or [], {} if written is None else written
        if table is not None:
            self._written[table.name] = 0
            kinds = [table.columns[name].type for name in self._columns]
            self._native = [_native(kind, connection.dialect.name) for kind in kinds]

    def add(self, values: list[Any]) -> None:
        if self._table is None or len(values) != len(self._columns):
            raise Unusable("not_a_backup", 0)
        made = (
            None if value is None else native(value)
            for native, value in zip(self._native, values, strict=True)
        )
        self._rows.append(dict(zip(self._columns, made, strict=True)))
        if len(self._rows) >= AT_ONCE:
            self.flush()

    def flush(self) -> None:
        if self._table is not None and self._rows:
            self._connection.execute(self._table.insert(), self._rows)
            self._written[self._table.name] += len(self._rows)
            self._rows = []


def _said(numbered: tuple[int, str]) -> Any:
    number, line = numbered
    try:
        return json.loads(line)
    except ValueError as wrong:
        raise Unusable("not_a_backup", number) from wrong


def _native(kind: TypeEngine[Any], dialect: str) -> Callable[[Any], Any]:
    """What makes of a value in the file one for a column of this kind."""
    if isinstance(kind, DateTime):
        return _naive if dialect == "sqlite" else datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, LargeBinary):
        return base64.b64decode
    return lambda value: value


def _naive(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None)


def _set_counters(connection: Connection, tables: Mapping[str, Table]) -> None:
    """PostgreSQL numbers new rows by counters of its own, which must go on behind the last row."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables.values():
        counted = table.autoincrement_column
        if counted is not None and counted.server_default is not None:
            sequence = func.pg_get_serial_sequence(table.name, counted.name)
            following = func.coalesce(func.max(counted), 0) + 1
            connection.execute(select(func.setval(sequence, following, False)))
