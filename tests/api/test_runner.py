"""Recurring work: one runner at a time, a record of each time, nothing half done."""

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from api import jobs, runner
from api.jobs import Job, Work
from api.runner import Outcome, Runner
from api.settings import Settings
from store import job_runs, tables
from store import session as stores
from tests.api import commands
from tests.house.sources import ROOT
from tests.store import rows

WHEN = {"minute": 0}

PATIENCE_SECONDS = 60


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, demo=True)


def writing(work: Work) -> Mapping[str, object]:
    work.session.add(rows.a_commune())
    return {"communes": 1}


def failing(work: Work) -> None:
    work.session.add(rows.a_commune())
    work.session.flush()
    raise RuntimeError("Mme Lambert, 03 83 00 00 00")


def records(engine: Engine, job: str) -> list[tuple[str, Mapping[str, object], bool]]:
    with stores.session_factory(engine)() as session:
        found = job_runs.latest(session, job, 10)
        return [(run.state, run.detail, run.ended_at is not None) for run in found]


def test_what_a_job_writes_is_kept_and_recorded(
    engine: Engine, settings: Settings, session: Session
) -> None:
    assert Runner(settings, engine).run(Job("writes", WHEN, writing)) is Outcome.DONE

    assert session.get(tables.Commune, "57463") is not None
    assert records(engine, "writes") == [("done", {"communes": 1}, True)]


def test_a_job_that_fails_leaves_nothing_but_a_record_that_names_nobody(
    engine: Engine, settings: Settings, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert Runner(settings, engine).run(Job("fails", WHEN, failing)) is Outcome.FAILED

    assert session.get(tables.Commune, "57463") is None
    ((state, detail, _),) = records(engine, "fails")
    assert state == "failed"
    assert str(detail["error"]).startswith("RuntimeError at test_runner.py:")
    assert "Lambert" not in caplog.text + str(detail)


def test_a_job_that_another_process_is_at_is_not_done_twice(
    engine: Engine, settings: Settings
) -> None:
    first, second = Runner(settings, engine), Runner(settings, engine)
    seen = []

    def meanwhile(_work: Work) -> None:
        seen.append(None)

    with first.held("job:once") as mine:
        assert mine
        assert second.run(Job("once", WHEN, meanwhile)) is Outcome.BUSY

    assert seen == []
    assert second.run(Job("once", WHEN, meanwhile)) is Outcome.DONE


def test_only_the_runner_that_looks_at_the_clock_does_the_jobs(
    engine: Engine, settings: Settings
) -> None:
    first, second = Runner(settings, engine), Runner(settings, engine)
    assert first.take(runner.CLOCK)

    second.tick(Job("ticks", WHEN, writing))
    assert records(engine, "ticks") == []

    first.tick(Job("ticks", WHEN, writing))
    assert len(records(engine, "ticks")) == 1


def test_a_lease_is_held_by_signs_of_life_as_long_as_the_work_takes(
    engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LEASE", runner.LEASE / 200)
    first, second = Runner(settings, engine), Runner(settings, engine)

    with first.held("job:long"):
        time.sleep(3 * runner.LEASE.total_seconds())
        assert not second.take("job:long")


# Runs one job without end in a process of its own, as `releve run-job` would.
ENDLESS = """
import sys, time
from datetime import timedelta
from api import runner
from api.jobs import Job
from api.settings import Settings
from store import session
from tests.store import rows

def never_ends(work):
    work.session.add(rows.a_commune())
    work.session.flush()
    print("begun", flush=True)
    time.sleep(3600)

runner.LEASE = timedelta(seconds=2)
settings = Settings(database_url=sys.argv[1], demo=True)
runner.Runner(settings, session.open_engine(sys.argv[1])).run(Job("endless", {}, never_ends))
"""


def killed(url: str) -> None:
    process = subprocess.Popen(  # noqa: S603 - nothing here comes from outside
        [sys.executable, "-c", ENDLESS, url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.1)


def test_after_a_kill_another_process_takes_over_and_nothing_is_half_done(
    engine: Engine, settings: Settings, session: Session
) -> None:
    killed(settings.database_url)
    assert records(engine, "endless") == [("running", {}, False)]
    survivor = Runner(settings, engine)
    job = Job("endless", WHEN, lambda _work: None)

    until(lambda: survivor.run(job) is Outcome.DONE)

    assert session.get(tables.Commune, "57463") is None
    assert records(engine, "endless") == [("done", {}, True), ("interrupted", {}, True)]


def test_a_job_can_be_done_by_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RELEVE_DATABASE_URL", f"sqlite:///{tmp_path / 'a.sqlite3'}")
    monkeypatch.setenv("RELEVE_DEMO", "true")
    commands.run("migrate")

    done = commands.run("run-job", "watch-the-roster")
    unknown = commands.run("run-job", "make-coffee")

    assert (done.exit_code, done.stdout) == (0, "La tâche watch-the-roster est faite.\n")
    assert unknown.exit_code == 2
    assert all(job.name in unknown.stderr for job in jobs.JOBS)


def test_a_job_that_failed_by_hand_ends_with_a_status_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RELEVE_DATABASE_URL", f"sqlite:///{tmp_path / 'a.sqlite3'}")
    monkeypatch.setenv("RELEVE_DEMO", "true")
    monkeypatch.setattr(jobs, "JOBS", (Job("fails", WHEN, failing),))
    commands.run("migrate")

    failed = commands.run("run-job", "fails")

    assert failed.exit_code == 1
    assert "a échoué" in failed.stderr
