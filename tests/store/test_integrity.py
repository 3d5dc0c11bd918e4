from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from store import integrity, journal
from store import session as stores
from store.integrity import Finding, Kind
from store.vault import Vault
from tests.store import rows
from tests.store.rows import NOON

VAULT = Vault([bytes(range(32))])


def found(engine: Engine) -> list[Finding]:
    with stores.session_factory(engine)() as session:
        return list(integrity.findings(session, VAULT))


def test_a_store_in_order_has_nothing_to_say(session: Session, engine: Engine) -> None:
    rows.a_duty_at(session, rows.a_site(), NOON)

    assert found(engine) == []


@pytest.mark.parametrize("deleted", ["doctor", "slot"])
def test_rows_without_the_row_they_refer_to_are_counted(
    session: Session, engine: Engine, deleted: str
) -> None:
    rows.a_duty_at(session, rows.a_site(), NOON)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text(f"DELETE FROM {deleted}"))  # noqa: S608
        connection.commit()

    column = {"doctor": "rpps_doctor", "slot": "slot_id_slot"}[deleted]
    assert Finding(Kind.ORPHANS, f"fk_duty_{column}", "1") in found(engine)


def test_an_altered_journal_is_named_by_line(engine: Engine) -> None:
    with stores.writing_factory(engine)() as session:
        for _ in range(2):
            journal.append(session, VAULT, journal.Entry(NOON, "a", "read", "p", "matching"))
        session.commit()
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM journal_line WHERE number = 1"))

    assert found(engine) == [Finding(Kind.JOURNAL, "2", "missing")]


def test_a_damaged_file_is_told(sqlite_engine: Engine) -> None:
    with stores.session_factory(sqlite_engine)() as session:
        rows.keep(session, *(rows.a_commune(f"57{n:03}") for n in range(400)))
    with sqlite_engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.exec_driver_sql(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_commune_name'"
        ).scalar_one()
        size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        connection.exec_driver_sql("BEGIN")
    sqlite_engine.dispose()
    file = Path(str(sqlite_engine.url.database))
    raw = bytearray(file.read_bytes())
    raw[(page - 1) * size + 200 : page * size] = bytes(size - 200)
    file.write_bytes(raw)

    assert {finding.kind for finding in found(sqlite_engine)} == {Kind.DAMAGE}
