import logging
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from api import jobs
from api.settings import Settings
from store import answers, imports, journal, tables, travel_times
from store import session as stores
from tests.store import rows
from tests.store.rows import NOON


@pytest.fixture
def work(session: Session, database_url: str) -> jobs.Work:
    return jobs.Work(session, NOON, Settings(database_url=database_url, demo=True))


def test_seats_that_nobody_holds_are_warned_of_without_a_name(
    work: jobs.Work, caplog: pytest.LogCaptureFixture
) -> None:
    soon = NOON + timedelta(hours=6)
    held = rows.a_duty_at(work.session, rows.a_site(), NOON)
    rows.keep(work.session, rows.a_slot(starts_at=soon, ends_at=soon + timedelta(hours=2)))

    with caplog.at_level(logging.WARNING):
        told = jobs.watch_the_roster(work)

    assert told == {"holes": 1}
    assert caplog.messages == [f"slot S at {soon.isoformat()} lacks 1"]
    assert held not in caplog.text
    assert "Lambert" not in caplog.text


def test_a_full_roster_says_nothing(work: jobs.Work, caplog: pytest.LogCaptureFixture) -> None:
    rows.a_duty_at(work.session, rows.a_site(), NOON)

    with caplog.at_level(logging.WARNING):
        assert jobs.watch_the_roster(work) == {"holes": 0}

    assert caplog.messages == []


def test_traces_are_kept_a_year_and_the_journal_stays_sound(
    engine: Engine, database_url: str
) -> None:
    settings = Settings(database_url=database_url, demo=True)
    ages = (366, 365, 364)
    with stores.writing_factory(engine)() as session:
        for days in ages:
            at = NOON - timedelta(days=days)
            entry = journal.Entry(at, "account:a", "read", f"patient:{days}", "matching")
            journal.append(session, settings.vault, entry)

        told = jobs.forget_old_traces(jobs.Work(session, NOON, settings))

        assert told == {"lines": 1, "imports": 0}

        assert [len(journal.about(session, f"patient:{days}")) for days in ages] == [0, 1, 1]
        assert list(journal.breaches(session, settings.vault)) == []


def test_the_former_rows_of_an_import_are_kept_a_year(session: Session, database_url: str) -> None:
    rows.keep(session, tables.Territory(id="metz", name="Metz"))
    for days in (366, 365):
        batch = {"kind": "patients", "territory_id": "metz", "file_digest": "d", "actor": "a"}
        at = NOON - timedelta(days=days)
        rows.keep(
            session, tables.ImportBatch(id=str(days), applied_at=at, former=b"sealed", **batch)
        )

    told = jobs.forget_old_traces(
        jobs.Work(session, NOON, Settings(database_url=database_url, demo=True))
    )

    assert told == {"lines": 0, "imports": 1}
    session.expire_all()
    former = {it.id: it.former for it in imports.batches(session)}
    assert former == {"366": None, "365": b"sealed"}


def test_a_job_is_found_by_its_name() -> None:
    assert jobs.named("watch-the-roster") is jobs.JOBS[0]
    assert jobs.named("make-coffee") is None


def test_travel_times_are_kept_a_year(work: jobs.Work) -> None:
    times = [
        tables.TravelTime(
            origin="891faa6b1a3ffff",
            destination=f"891faa6b1a{days}ff",
            source="osrm:driving",
            seconds=60,
            fetched_at=NOON - timedelta(days=days),
        )
        for days in (364, 365, 366)
    ]
    travel_times.keep(work.session, times)

    assert jobs.forget_old_travel_times(work) == {"times": 1}


def test_answers_are_kept_a_day(work: jobs.Work) -> None:
    for hours in (25, 24, 23):
        asked = answers.Asked("account:a", str(hours), b"")
        at = NOON - timedelta(hours=hours)
        told = answers.Answer(201, "application/json", "{}")
        answers.keep(work.session, work.settings.vault, asked, told, at)

    assert jobs.forget_old_answers(work) == {"answers": 1}
