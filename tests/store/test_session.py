from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, select

from store import session as store_session
from store import tables
from tests.store import rows


def _names(database_url: str) -> set[str]:
    engine = store_session.open_engine(database_url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_the_migrations_build_exactly_the_tables_of_the_catalogue(bare_database_url: str) -> None:
    store_session.migrate(bare_database_url)

    engine = store_session.open_engine(bare_database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        differences = compare_metadata(context, tables.Row.metadata)
    engine.dispose()
    assert differences == []


def test_every_check_of_the_catalogue_is_in_the_migrated_database(database_url: str) -> None:
    engine = store_session.open_engine(database_url)
    built = {
        found["name"]
        for table in tables.Row.metadata.tables
        for found in inspect(engine).get_check_constraints(table)
    }
    engine.dispose()

    said = {
        str(constraint.name)
        for table in tables.Row.metadata.tables.values()
        for constraint in table.constraints
        if constraint.__visit_name__ == "check_constraint"
    }
    assert said <= built
    assert all(name.startswith("ck_") for name in said)


def test_going_down_to_the_base_leaves_no_table_of_ours_and_up_again_works(
    bare_database_url: str,
) -> None:
    store_session.migrate(bare_database_url)
    store_session.migrate(bare_database_url, "base")
    assert _names(bare_database_url) <= {"alembic_version"}

    store_session.migrate(bare_database_url)
    assert set(tables.Row.metadata.tables) <= _names(bare_database_url)


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    before = _names(database_url)

    store_session.migrate(database_url)

    assert _names(database_url) == before


def test_a_database_is_migrated_only_at_the_newest_revision(bare_database_url: str) -> None:
    engine = store_session.open_engine(bare_database_url)
    assert not store_session.is_migrated(engine)

    store_session.migrate(bare_database_url)

    assert store_session.is_migrated(engine)
    engine.dispose()


def test_a_sqlite_engine_waits_for_writers_keeps_references_and_logs_ahead(
    sqlite_engine: Engine,
) -> None:
    with sqlite_engine.connect() as connection:
        said = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }

    assert said == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": store_session.BUSY_TIMEOUT_MS,
        "synchronous": 1,
    }


def test_a_plain_postgresql_address_gets_the_driver_that_is_installed() -> None:
    engine = store_session.open_engine("postgresql://somebody@localhost/somewhere")

    assert engine.dialect.driver == "psycopg"
    engine.dispose()


def test_an_instant_comes_back_in_utc_whatever_its_offset_was(session: Session) -> None:
    paris = timezone(timedelta(hours=1))
    rows.keep(session, rows.a_run(finished_at=datetime(2026, 11, 21, 13, 0, tzinfo=paris)))
    session.expire_all()

    kept = session.exec(select(tables.Run)).one().finished_at

    assert (kept, kept.tzinfo) == (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), UTC)


def test_a_naive_instant_is_refused(session: Session) -> None:
    session.add(rows.a_run(finished_at=datetime(2026, 11, 21, 13, 0)))  # noqa: DTZ001

    with pytest.raises(StatementError):
        session.flush()


WRONG = (
    rows.a_slot(ends_at=rows.NOON),
    rows.a_slot(doctors_needed=-1),
    rows.a_slot(hardness=4),
    rows.a_slot(site_id="nowhere"),
    rows.a_run(kind="guess"),
    rows.a_run(status="perhaps"),
    rows.a_practice(latitude=91.0),
    rows.a_practice(longitude=-181.0),
    rows.a_practice(rpps="nobody"),
)


def test_the_database_refuses_what_cannot_be(session: Session) -> None:
    rows.keep(session, rows.a_commune(), rows.a_doctor(), rows.a_site())
    accepted = []

    for wrong in WRONG:
        try:
            with session.begin_nested():
                session.add(type(wrong)(**wrong.model_dump()))
        except IntegrityError:
            continue
        accepted.append(wrong)

    assert accepted == []


def test_a_slot_of_one_second_at_the_border_of_the_rule_is_kept(session: Session) -> None:
    slot = rows.a_slot(ends_at=rows.NOON + timedelta(seconds=1), doctors_needed=0, hardness=1)

    rows.keep(session, rows.a_commune(), rows.a_site(), slot)

    assert session.get(tables.Slot, "S") is not None


def test_what_is_read_in_one_session_is_one_moment_of_the_store(engine: Engine) -> None:
    open_session = store_session.session_factory(engine)
    with open_session() as reader, open_session() as writer:
        before = reader.exec(select(tables.Commune.code_insee)).all()
        rows.keep(writer, rows.a_commune("57463"), rows.a_commune("54395"))
        during = reader.exec(select(tables.Commune.code_insee)).all()
        reader.commit()
        after = reader.exec(select(tables.Commune.code_insee)).all()

    assert (before, during, len(after)) == ([], [], 2)


@pytest.mark.parametrize("name", ["ix_slot_ends_at_starts_at", "ix_slot_site_id_ends_at_starts_at"])
def test_the_slots_are_indexed_by_time_and_by_place_then_time(engine: Engine, name: str) -> None:
    assert name in {index["name"] for index in inspect(engine).get_indexes("slot")}


def test_connections_in_use_and_idle_are_counted(engine: Engine) -> None:
    counts = store_session.pool_counts
    with engine.connect(), engine.connect():
        assert (counts(engine).in_use, counts(engine).idle) == (2, 0)

    assert (counts(engine).in_use, counts(engine).idle) == (0, 2)
    assert counts(engine).size >= 2


def test_a_database_in_memory_has_no_pool_to_count() -> None:
    engine = store_session.open_engine("sqlite:///:memory:")

    assert store_session.pool_counts(engine) == store_session.PoolCounts(0, 0, 0)
    engine.dispose()
