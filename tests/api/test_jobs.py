import logging
from datetime import timedelta

import pytest
from sqlmodel import Session

from api import jobs
from api.settings import Settings
from tests.store import rows
from tests.store.rows import NOON


def _settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, demo=True)


def test_seats_that_nobody_holds_are_warned_of_without_a_name(
    session: Session, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    soon = NOON + timedelta(hours=6)
    held = rows.a_duty_at(session, rows.a_site(), NOON)
    rows.keep(session, rows.a_slot(starts_at=soon, ends_at=soon + timedelta(hours=2)))

    with caplog.at_level(logging.WARNING):
        jobs.run_once(jobs.JOBS[0], _settings(database_url), NOON)

    assert caplog.messages == [f"slot S at {soon.isoformat()} lacks 1"]
    assert held not in caplog.text
    assert "Lambert" not in caplog.text


def test_a_full_roster_says_nothing(
    session: Session, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    rows.a_duty_at(session, rows.a_site(), NOON)

    with caplog.at_level(logging.WARNING):
        jobs.run_once(jobs.JOBS[0], _settings(database_url), NOON)

    assert caplog.messages == []


def test_a_job_is_one_transaction(session: Session, database_url: str) -> None:
    def write_and_fail(opened: Session, _now: object) -> None:
        opened.add(rows.a_commune())
        opened.flush()
        raise RuntimeError("half way")

    job = jobs.Job("fails", {"minute": 0}, write_and_fail)

    with pytest.raises(RuntimeError, match="half way"):
        jobs.run_once(job, _settings(database_url), NOON)

    assert session.get(type(rows.a_commune()), "57463") is None


def test_what_a_job_writes_is_kept(session: Session, database_url: str) -> None:
    job = jobs.Job("writes", {"minute": 0}, lambda opened, _now: opened.add(rows.a_commune()))

    jobs.run_once(job, _settings(database_url), NOON)

    assert session.get(type(rows.a_commune()), "57463") is not None
