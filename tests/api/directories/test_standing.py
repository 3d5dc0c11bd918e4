import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from api.directories import errors, opened, standing
from api.directories.standing import Kind, State
from api.settings import Settings
from store import directories, tables
from store import session as stores
from tests.api.directories.conftest import Time
from tests.api.directories.server import Local, Reply, said
from tests.store.rows import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def known(
    success: datetime | None, failures: int = 0, since: datetime | None = None
) -> tables.DirectoryState:
    return tables.DirectoryState(
        name="ban", last_success=success, consecutive_failures=failures, failing_since=since
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (None, State(Kind.UNASKED)),
        (known(NOON), State(Kind.FRESH, NOON)),
        (known(NOON - DAY), State(Kind.FRESH, NOON - DAY)),
        (known(NOON - DAY - HOUR), State(Kind.STALE, NOON - DAY - HOUR)),
        (known(NOON - DAY, 1, NOON), State(Kind.STALE, NOON - DAY)),
        (known(NOON - DAY, 4, NOON - HOUR), State(Kind.STALE, NOON - DAY)),
        (known(NOON - DAY, 5, NOON - HOUR), State(Kind.DOWN, NOON - HOUR)),
        (known(None, 1, NOON - HOUR), State(Kind.DOWN, NOON - HOUR)),
    ],
)
def test_what_the_store_knows_has_a_word(
    row: tables.DirectoryState | None, expected: State
) -> None:
    assert standing.state(row, NOON, is_on=True) == expected
    assert standing.state(row, NOON, is_on=False) == State(Kind.OFF)


@pytest.fixture
def asked(server: Local, engine: Engine, time: Time) -> Iterator[opened.Directories]:
    settings = Settings(demo=True, ban_url=server.url, annuaire_url=server.url, annuaire_key="k")  # type: ignore[arg-type]
    with opened.opened(settings, engine, time.timing()) as directories:
        yield directories


def states(asked: opened.Directories, engine: Engine, now: datetime) -> dict[str, State]:
    with stores.session_factory(engine)() as session:
        return dict(asked.states(session, now))


def row(engine: Engine, name: str = "ban") -> tables.DirectoryState:
    with stores.session_factory(engine)() as session:
        return directories.states(session)[name]


def test_without_settings_everything_is_off_and_nothing_is_sent(engine: Engine, time: Time) -> None:
    with opened.opened(Settings(demo=True), engine, time.timing()) as none:
        for ask in (
            lambda: none.ban.locate("rue Serpenoise"),
            lambda: none.communes.one("57463"),
            lambda: none.annuaire.by_rpps("10990000017"),
        ):
            with pytest.raises(errors.Off):
                ask()
        assert set(states(none, engine, NOON).values()) == {State(Kind.OFF)}
        assert list(states(none, engine, NOON)) == ["ban", "communes", "annuaire", "osrm"]


def test_the_state_follows_what_happens(
    asked: opened.Directories, engine: Engine, server: Local, time: Time
) -> None:
    assert states(asked, engine, NOON)["ban"] == State(Kind.UNASKED)

    server.replies(said({"features": []}))
    asked.ban.locate("rue Serpenoise")
    assert states(asked, engine, time.now())["ban"] == State(Kind.FRESH, NOON)

    server.replies(Reply(500))
    for failures in range(1, standing.DOWN_AFTER + 1):
        with pytest.raises(errors.Down):
            asked.ban.locate("rue Serpenoise")
        kind = Kind.DOWN if failures == standing.DOWN_AFTER else Kind.STALE
        assert states(asked, engine, time.now())["ban"].kind is kind
    assert states(asked, engine, time.now())["ban"].since == row(engine).failing_since

    # Left alone: nothing is asked, so nothing more is known.
    with pytest.raises(errors.Down, match="left alone"):
        asked.ban.locate("rue Serpenoise")
    assert row(engine).consecutive_failures == standing.DOWN_AFTER

    server.replies(said({"features": []}))
    time.passed += 3_600
    asked.ban.locate("rue Serpenoise")
    assert states(asked, engine, time.now())["ban"] == State(Kind.FRESH, time.now())


def test_while_it_answers_that_is_written_now_and_then(
    asked: opened.Directories, engine: Engine, server: Local, time: Time
) -> None:
    server.replies(said({"features": []}))
    written = []
    for passed in (0, 30, 59, 60, 90, 121):
        time.passed = passed
        asked.ban.locate("rue Serpenoise")
        written.append((row(engine).last_success or NOON) - NOON)

    assert [it.total_seconds() for it in written] == [0, 0, 0, 60, 60, 121]


def test_the_key_goes_to_the_annuaire_alone(asked: opened.Directories, server: Local) -> None:
    server.replies(Reply(404))
    with pytest.raises(errors.Refused):
        asked.ban.locate("rue Serpenoise")
    with pytest.raises(errors.Refused):
        asked.annuaire.by_rpps("10990000017")

    assert ["esante-api-key" in it.headers for it in server.requests] == [False, True]


def test_a_busy_database_spoils_no_answer(
    server: Local,
    engine: Engine,
    time: Time,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(stores, "BUSY_TIMEOUT_MS", 50)
    engine.dispose()
    server.replies(said({"features": []}))
    settings = Settings(demo=True, ban_url=server.url)
    with (
        stores.writing_factory(engine)() as busy,
        opened.opened(settings, engine, time.timing()) as asked,
    ):
        directories.failed(busy, "osrm", NOON)
        with caplog.at_level(logging.WARNING):
            assert asked.ban.locate("rue Serpenoise") == []

    assert caplog.messages == ["the state of ban was not written: the database is busy"]
