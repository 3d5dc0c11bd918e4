"""Files to import with everything said, and the store they are imported into."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import polars as pl
from sqlalchemy import Engine, select
from sqlmodel import Session

from api.files import formats
from api.services import imports
from store import session as stores
from store import tables
from store.vault import Vault
from tests.store import rows
from tests.store.rows import NOON

VAULT = Vault([bytes(range(32))])
TRACES = {"import_batch", "journal_line", "journal_head"}
"""Tables in which an import and its undoing leave what is not taken back."""

State = dict[str, list[tuple[Any, ...]]]


def fill(engine: Engine) -> None:
    """Two territories; the first has the communes of Metz and Nancy, some thirty miles apart."""
    with stores.writing_factory(engine)() as session:
        rows.keep(
            session,
            tables.Territory(id="metz", name="Metz"),
            tables.Territory(id="nancy", name="Nancy"),
            rows.a_commune(),
            rows.a_commune("54395", latitude=48.6921, longitude=6.1844),
            tables.TerritoryCommune(territory_id="metz", code_insee="57463"),
            tables.TerritoryCommune(territory_id="metz", code_insee="54395"),
        )


def patients(*said: dict[str, Any], territory: str = "metz", digest: str = "d") -> imports.File:
    """A file of patients; what a row does not say is empty, its commune aside."""
    frame = _frame(formats.PATIENTS, [{"code_insee": "57463"} | row for row in said])
    return imports.File(imports.Kind.PATIENTS, territory, frame, digest)


def doctors(*said: dict[str, Any], territory: str = "metz", digest: str = "d") -> imports.File:
    """A file of doctors; what a row does not say is empty, its commune and 5 places aside."""
    full = [{"code_insee": "57463", "places": 5} | row for row in said]
    return imports.File(imports.Kind.DOCTORS, territory, _frame(formats.DOCTORS, full), digest)


def at(hour: int) -> imports.Desk:
    """Who imports, some hours after noon."""
    return imports.Desk(VAULT, "account:c", NOON + timedelta(hours=hour))


def applied(engine: Engine, file: imports.File, hour: int = 0) -> imports.Tally:
    with writing(engine) as session:
        return imports.apply(session, file, at(hour))[1]


def undone(engine: Engine, file: imports.File, hour: int = 10) -> tables.ImportBatch:
    with writing(engine) as session:
        return imports.undo(session, file.kind, file.territory_id, at(hour))


def previewed(engine: Engine, file: imports.File) -> imports.Preview:
    with stores.session_factory(engine)() as session:
        return imports.preview(session, file, NOON)


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session as an edge holds it: committed once, or not at all."""
    with stores.writing_factory(engine)() as session:
        yield session
        session.commit()


def state(session: Session) -> State:
    """Every row of the store, but for the traces of imports."""
    return {
        table.name: sorted(map(tuple, session.connection().execute(select(table))), key=repr)
        for table in tables.Row.metadata.sorted_tables
        if table.name not in TRACES
    }


def state_of(engine: Engine) -> State:
    with stores.session_factory(engine)() as session:
        return state(session)


def all_rows(engine: Engine, table: type[tables.Row]) -> list[Any]:
    with stores.session_factory(engine)() as session:
        return list(session.scalars(select(table)))


def _frame(form: formats.Format, said: list[dict[str, Any]]) -> pl.DataFrame:
    schema = {column.name: column.dtype for column in form.columns}
    return pl.DataFrame([dict.fromkeys(schema) | row for row in said], schema=schema)
