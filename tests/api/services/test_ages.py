from datetime import timedelta

from sqlmodel import Session

from api.services import ages
from store import job_runs
from tests.store import rows
from tests.store.rows import NOON


def test_an_empty_store_has_no_ages(session: Session) -> None:
    assert ages.of_work(session, NOON) == ages.Ages({}, {})


def test_only_the_last_good_end_and_the_last_run_count(session: Session) -> None:
    for minutes, state in ((90, "done"), (30, "done"), (1, "failed")):
        ended = NOON - timedelta(minutes=minutes)
        number = job_runs.begin(session, "watch-the-roster", ended - timedelta(minutes=5))
        job_runs.end(session, number, ended, state, {})
    job_runs.begin(session, "forget-old-traces", NOON)
    for hours in (5, 2):
        rows.keep(session, rows.a_run("roster", finished_at=NOON - timedelta(hours=hours)))

    assert ages.of_work(session, NOON) == ages.Ages({"watch-the-roster": 1800}, {"roster": 7200})
