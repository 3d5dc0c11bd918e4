"""Travel times by road that were asked for once: from cell to cell of the H3 grid."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from store import tables

Pair = tuple[str, str]
"""From which cell to which other one."""

AT_ONCE = 500
"""Cells named in one query: far below what either database takes."""

INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def between(
    session: Session, source: str, origins: Sequence[str], destinations: Sequence[str]
) -> Mapping[Pair, tables.TravelTime]:
    """What is known of the ways from every origin to every destination, however old."""
    time = tables.TravelTime
    found: dict[Pair, tables.TravelTime] = {}
    for some in _slices(origins):
        for others in _slices(destinations):
            asked = select(time).where(
                time.source == source, col(time.origin).in_(some), col(time.destination).in_(others)
            )
            found |= {(it.origin, it.destination): it for it in session.exec(asked).all()}
    return found


def keep(session: Session, times: Sequence[tables.TravelTime]) -> None:
    """Remember times, each in the place of what was known of the same way."""
    if not times:
        return
    insert: Any = INSERTS[session.get_bind().dialect.name](tables.TravelTime)
    newest = {name: insert.excluded[name] for name in ("seconds", "fetched_at")}
    keys = ["origin", "destination", "source"]
    rows = [time.model_dump() for time in times]
    session.execute(insert.on_conflict_do_update(index_elements=keys, set_=newest), rows)


def forget(session: Session, before: datetime) -> int:
    """Remove the times that were fetched before an instant; returns how many."""
    time = tables.TravelTime
    gone = session.exec(delete(time).where(col(time.fetched_at) < before))
    return int(gone.rowcount)


def _slices(cells: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(cells), AT_ONCE):
        yield cells[first : first + AT_ONCE]
