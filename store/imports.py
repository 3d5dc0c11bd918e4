"""Rows of an import: found by what a file calls them, compared, written and put back many at once.

Values of a row go by the names of its columns. Nothing is kept in the session's own memory, so
that a file of 200,000 rows takes no more of it than a file of 2,000.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, bindparam, delete, func, insert, select, update
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from store import tables

Key = str | int
Values = dict[str, Any]

ROWS_AT_ONCE = 2_000
"""Rows asked for or written together: as many keys as both databases take in one question."""

DIGEST_BYTES = 8
"""Enough to see that a row was changed; nobody gains anything by forging it."""


def last(session: Session, kind: str, territory_id: str) -> tables.ImportBatch | None:
    """The last import of a kind into a territory that was not undone."""
    batch = tables.ImportBatch
    return session.exec(
        select_rows(batch)
        .where(
            batch.kind == kind,
            batch.territory_id == territory_id,
            col(batch.undone_at).is_(None),
        )
        .order_by(col(batch.applied_at).desc(), col(batch.id).desc())
        .limit(1)
    ).first()


def batches(session: Session) -> Sequence[tables.ImportBatch]:
    """Every import, the first first, those that were undone too."""
    batch = tables.ImportBatch
    return session.exec(select_rows(batch).order_by(col(batch.applied_at), col(batch.id))).all()


def forget(session: Session, before: datetime) -> int:
    """Forget what it takes to undo the imports applied before an instant: how many.

    They stay written down with their counts, but hold nothing about anybody any more.
    """
    batch = tables.ImportBatch
    old = col(batch.applied_at) < before, col(batch.former).is_not(None)
    return int(session.exec(update(batch).where(*old).values(former=None)).rowcount)


def communes_of(session: Session, territory_id: str) -> set[str]:
    """The codes of the communes that belong to a territory."""
    belongs = tables.TerritoryCommune
    asked = select_rows(belongs.code_insee).where(belongs.territory_id == territory_id)
    return set(session.exec(asked))


def patients(session: Session, territory_id: str, numbers: Collection[str]) -> dict[str, Values]:
    """The patients of a territory with these file numbers, by number."""
    table = _table("patient")
    of_territory = table.c.territory_id == territory_id
    found = _rows(session, table, table.c.file_number.in_(numbers), of_territory)
    return {row["file_number"]: row for row in found}


def living_patients(session: Session, territory_id: str) -> int:
    """How many patients of a territory have neither objected nor been made anonymous."""
    table = _table("patient")
    asked = select(func.count()).where(
        table.c.territory_id == territory_id,
        table.c.opposed_at.is_(None),
        table.c.anonymised_at.is_(None),
    )
    return int(session.connection().execute(asked).scalar_one())


def all_of(
    session: Session, name: str, column: str, values: Collection[Any] | None
) -> list[Values]:
    """The rows of a table whose column holds one of these values, in the order of their keys;
    all the rows without values."""
    table = _table(name)
    wanted = () if values is None else (table.c[column].in_(values),)
    return sorted(_rows(session, table, *wanted), key=lambda it: it[key_of(name)])


def found(session: Session, name: str, keys: Collection[Key]) -> dict[Key, Values]:
    """The rows of a table with these keys, by key."""
    return {row[key_of(name)]: row for row in all_of(session, name, key_of(name), keys)}


@cache
def key_of(name: str) -> str:
    """The column that alone names a row of a table."""
    (column,) = _table(name).primary_key.columns
    return str(column.name)


def digest(row: Mapping[str, Any]) -> str:
    """What tells whether a row was changed (hexadecimal): the same for the same values.

    The columns are taken in the order of the table, in which every row of it comes.
    """
    said = repr([_said(value) for value in row.values()])
    return hashlib.blake2b(said.encode(), digest_size=DIGEST_BYTES).hexdigest()


def restored(name: str, said: Mapping[str, Any]) -> Values:
    """The values of a row as they were before they were written as JSON."""
    columns = _table(name).c
    return {
        column: date.fromisoformat(value) if value and _is_day(columns[column]) else value
        for column, value in said.items()
    }


def add(session: Session, name: str, rows: Sequence[Values]) -> None:
    """Write new rows, all with the same columns."""
    if rows:
        session.connection().execute(insert(_table(name)), rows)


def add_one(session: Session, name: str, row: Values) -> Key:
    """Write one new row whose key the database draws; returns the key."""
    table = _table(name)
    written = insert(table).values(row).returning(table.c[key_of(name)])
    key: Key = session.connection().execute(written).scalar_one()
    return key


def change(session: Session, name: str, changes: Iterable[tuple[Key, Values]]) -> None:
    """Put new values into rows by their keys; the other columns stay."""
    table = _table(name)
    alike = defaultdict[tuple[str, ...], list[Values]](list)
    for key, values in changes:
        parameters = {f"new_{column}": value for column, value in values.items()}
        alike[tuple(values)].append({"which": key, **parameters})
    for columns, changed in alike.items():
        new: Values = {column: bindparam(f"new_{column}") for column in columns}
        one = update(table).where(table.c[key_of(name)] == bindparam("which")).values(new)
        session.connection().execute(one, changed)


def remove(session: Session, name: str, keys: Collection[Key]) -> None:
    """Delete rows by their keys."""
    table = _table(name)
    session.connection().execute(delete(table).where(table.c[key_of(name)].in_(keys)))


def referred_to(session: Session, name: str, keys: Collection[Key]) -> set[Key]:
    """Which of these rows some row of any table refers to."""
    key = _table(name).c[key_of(name)]
    referring = (
        column
        for table in tables.Row.metadata.sorted_tables
        for column in table.columns
        if column.references(key)
    )
    return {
        it
        for column in referring
        for it in session.connection().execute(select(column).where(column.in_(keys))).scalars()
    }


def in_portions(rows: Iterable[Any]) -> Iterable[list[Any]]:
    """The rows, as many together as are written at once."""
    left = iter(rows)
    while portion := list(islice(left, ROWS_AT_ONCE)):
        yield portion


def _rows(session: Session, table: Table, *where: ColumnElement[bool]) -> list[Values]:
    asked = session.connection().execute(select(table).where(*where)).mappings()
    return [dict(row) for row in asked]


def _table(name: str) -> Table:
    return tables.Row.metadata.tables[name]


def _is_day(column: Column[Any]) -> bool:
    return column.type.python_type is date


def _said(value: object) -> object:
    """Instants and days as text: how they print depends on who read them."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value
