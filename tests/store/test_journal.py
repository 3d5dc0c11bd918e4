"""PRV-02: who saw what stands in the journal, and altering a past line is detected."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, select

from store import journal, tables
from store import session as stores
from store.journal import Breach, Entry, Fault
from store.vault import Vault
from tests.store.rows import NOON

VAULT = Vault([bytes(range(32))])


def entry(number: int) -> Entry:
    return Entry(
        at=NOON + timedelta(minutes=number),
        actor=f"account:{number % 2}",
        act="read",
        subject=f"patient:{number % 3}",
        purpose="matching",
        fields=("family_name", "phone"),
        detail={"é": number},
    )


def written(engine: Engine, lines: int = 6, vault: Vault = VAULT) -> None:
    """Each line in a transaction of its own."""
    for number in range(1, lines + 1):
        with stores.writing_factory(engine)() as session:
            journal.append(session, vault, entry(number))
            session.commit()


def found(engine: Engine, vault: Vault = VAULT) -> list[Breach]:
    with stores.session_factory(engine)() as session:
        return list(journal.breaches(session, vault))


def tampered(engine: Engine, *statements: str) -> None:
    """By somebody who has the database in hand, triggers included, but not the keys."""
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER tr_journal_line_never_changed"))
        else:
            connection.execute(text("ALTER TABLE journal_line DISABLE TRIGGER USER"))
        for statement in statements:
            connection.execute(text(statement))
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE journal_line ENABLE TRIGGER USER"))


def test_an_empty_journal_and_one_that_nobody_touched_are_sound(engine: Engine) -> None:
    assert found(engine) == []

    written(engine)

    assert found(engine) == []


def test_what_was_written_is_found_by_subject_in_the_order_of_time(engine: Engine) -> None:
    written(engine)

    with stores.session_factory(engine)() as session:
        lines = journal.about(session, "patient:1")

    assert [line.number for line in lines] == [1, 4]
    assert lines[0].fields == ["family_name", "phone"]
    assert lines[0].at == entry(1).at
    assert lines[0].detail == {"é": 1}


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'account:9'",
        "act = 'changed'",
        "subject = 'patient:9'",
        "purpose = 'curiosity'",
        "at = (SELECT at FROM journal_line WHERE number = 1)",
        "fields = '[]'",
        "detail = '{}'",
        "seal = (SELECT seal FROM journal_line WHERE number = 1)",
    ],
)
def test_a_line_changed_in_any_column_is_found(engine: Engine, change: str) -> None:
    written(engine)

    tampered(engine, f"UPDATE journal_line SET {change} WHERE number = 3")  # noqa: S608

    assert Breach(3, Fault.ALTERED) in found(engine)


@pytest.mark.parametrize(
    ("statements", "breach"),
    [
        (["DELETE FROM journal_line WHERE number = 1"], Breach(2, Fault.MISSING)),
        (["DELETE FROM journal_line WHERE number = 4"], Breach(5, Fault.MISSING)),
        (["DELETE FROM journal_line WHERE number > 4"], Breach(4, Fault.TORN_OFF)),
        (["DELETE FROM journal_line"], Breach(0, Fault.TORN_OFF)),
        (
            [
                "UPDATE journal_line SET number = 99 WHERE number = 2",
                "UPDATE journal_line SET number = 2 WHERE number = 3",
                "UPDATE journal_line SET number = 3 WHERE number = 99",
            ],
            Breach(2, Fault.ALTERED),
        ),
        (
            [
                "INSERT INTO journal_line (number, at, actor, act, subject, purpose, fields,"
                " detail, seal) SELECT 7, at, actor, act, subject, purpose, fields, detail, seal"
                " FROM journal_line WHERE number = 6"
            ],
            Breach(7, Fault.ADDED),
        ),
        (
            [
                "DELETE FROM journal_line WHERE number = 6",
                "UPDATE journal_head SET number = 5,"
                " seal = (SELECT seal FROM journal_line WHERE number = 5)",
            ],
            Breach(5, Fault.HEAD),
        ),
        (
            [
                "DELETE FROM journal_line WHERE number < 4",
                "UPDATE journal_head SET forgotten = 3",
            ],
            Breach(6, Fault.HEAD),
        ),
    ],
)
def test_lines_removed_reordered_or_added_are_found(
    engine: Engine, statements: list[str], breach: Breach
) -> None:
    written(engine)

    tampered(engine, *statements)

    assert breach in found(engine)


def test_without_the_key_the_whole_journal_cannot_be_written_anew(engine: Engine) -> None:
    written(engine, vault=Vault([bytes(32)]))

    assert {breach.fault for breach in found(engine)} == {Fault.HEAD, Fault.ALTERED}


def test_the_journal_goes_on_with_a_new_key(engine: Engine) -> None:
    renewed = Vault([bytes(32), bytes(range(32))])
    written(engine, 3)

    with stores.writing_factory(engine)() as session:
        journal.append(session, renewed, entry(4))
        session.commit()

    assert found(engine, renewed) == []


def test_the_database_itself_refuses_to_change_a_line(engine: Engine) -> None:
    written(engine, 1)

    with engine.connect() as connection, pytest.raises(DatabaseError, match="never changed"):
        connection.execute(text("UPDATE journal_line SET actor = 'nobody'"))


def test_old_lines_can_be_forgotten_and_the_rest_stays_sound(engine: Engine) -> None:
    written(engine)

    def forget(before: int) -> int:
        with stores.writing_factory(engine)() as session:
            gone = journal.forget(session, VAULT, NOON + timedelta(minutes=before))
            session.commit()
        return gone

    assert [forget(3), forget(3), forget(4)] == [2, 0, 1]
    assert found(engine) == []
    written(engine, 1)
    assert found(engine) == []
    tampered(engine, "DELETE FROM journal_line WHERE number = 4")
    assert found(engine) == [Breach(5, Fault.MISSING)]


def test_a_journal_can_be_forgotten_whole_and_goes_on(engine: Engine) -> None:
    written(engine, 2)
    with stores.writing_factory(engine)() as session:
        assert journal.forget(session, VAULT, NOON + timedelta(days=1)) == 2
        session.commit()

    written(engine, 1)

    assert found(engine) == []
    with stores.session_factory(engine)() as session:
        assert session.exec(select(tables.JournalLine.number)).all() == [3]


def test_what_is_not_committed_was_never_written(engine: Engine) -> None:
    with stores.writing_factory(engine)() as session:
        journal.append(session, VAULT, entry(1))

    written(engine, 1)

    assert found(engine) == []


def test_writers_at_the_same_time_queue_and_lose_no_line(engine: Engine) -> None:
    threads = [threading.Thread(target=written, args=(engine, 5)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found(engine) == []
    with stores.session_factory(engine)() as session:
        assert len(session.exec(select(tables.JournalLine.number)).all()) == 20


def test_a_reader_does_not_wait_for_a_writer(engine: Engine) -> None:
    def count(session: Session) -> int:
        return len(session.exec(select(tables.JournalLine.number)).all())

    with stores.writing_factory(engine)() as writer, stores.session_factory(engine)() as reader:
        journal.append(writer, VAULT, entry(1))

        assert count(reader) == 0
        writer.commit()
