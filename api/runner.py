"""Running the jobs: one process at a time, by a lease that ends by itself if the process dies.

Every time a job is done leaves a record: when it began and ended, and how. Work that was going on
when its process died is marked as interrupted by the next one that runs it.
"""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from apscheduler.schedulers.background import BlockingScheduler
from sqlalchemy import Engine

from api import jobs, logs
from api.settings import Settings
from store import job_runs, leases
from store import session as stores

LOG = logging.getLogger("releve.jobs")

LEASE = timedelta(seconds=60)
"""How long others wait for a process that no longer gives a sign of life."""

SIGNS = 3
"""Signs of life in the length of a lease."""

CLOCK = "clock"
"""The lease of the process that looks at the clock."""

GRACE_SECONDS = 600
"""A job that could not start on time (a restart, a busy machine) still runs that much later."""


class Outcome(StrEnum):
    """What became of a job that was to be run."""

    DONE = "done"
    FAILED = "failed"
    BUSY = "busy"
    """Another process is at it: nothing was done."""


class Runner:
    """Runs jobs on one store, in the name of this process."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self.settings = settings
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._write = stores.writing_factory(engine)

    def run(self, job: jobs.Job) -> Outcome:
        """Do a job now, unless somebody else is at it.

        What it writes is kept whole or not at all; an error is logged and recorded, not raised.
        """
        with self.held(f"job:{job.name}") as mine:
            return self._recorded(job) if mine else Outcome.BUSY

    def tick(self, job: jobs.Job) -> None:
        """The clock says that it is time: do the job if this process is the one that looks."""
        if self.take(CLOCK):
            self.run(job)

    def take(self, name: str) -> bool:
        """Take a lease or hold it longer; whether it is ours.

        It is not if the database does not answer, or if others are writing for too long.
        """
        try:
            with self._write() as session:
                mine = leases.take(session, name, self.holder, _now(), LEASE)
                session.commit()
        except stores.Unreachable:
            LOG.warning("%s cannot be taken: the database does not answer", name)
            return False
        return mine

    @contextmanager
    def held(self, name: str) -> Iterator[bool]:
        """Hold a lease, giving signs of life, until the end; whether it is ours."""
        if not self.take(name):
            yield False
            return
        ended = threading.Event()
        alive = threading.Thread(target=self._give_signs, args=(name, ended), daemon=True)
        alive.start()
        try:
            yield True
        finally:
            ended.set()
            alive.join()
            with self._write() as session:
                leases.give_back(session, name, self.holder)
                session.commit()

    def _give_signs(self, name: str, ended: threading.Event) -> None:
        while not ended.wait(LEASE.total_seconds() / SIGNS):
            self.take(name)

    def _recorded(self, job: jobs.Job) -> Outcome:
        with self._write() as session:
            left = job_runs.interrupt(session, _now(), job.name)
            number = job_runs.begin(session, job.name, _now())
            session.commit()
        if left:
            LOG.warning("job %s had been interrupted", job.name)
        detail, outcome = dict[str, object](), Outcome.DONE
        try:
            detail |= self._done(job)
        except Exception as error:
            # Of the error only its kind and its place: its words may name somebody.
            detail, outcome = {"error": logs.placed(error)}, Outcome.FAILED
            LOG.error("job %s failed: %s", job.name, detail["error"])
        with self._write() as session:
            job_runs.end(session, number, _now(), outcome, detail)
            session.commit()
        return outcome

    def _done(self, job: jobs.Job) -> dict[str, object]:
        with self._write() as session:
            detail = job.run(jobs.Work(session, _now(), self.settings))
            session.commit()
        return dict(detail or {})


def run(settings: Settings) -> None:
    """Run every job at its time until the process is stopped.

    Several such processes may be started: one looks at the clock, the others wait for its end.
    """
    logs.install(settings.log_level)
    engine = stores.open_engine(settings.database_url)
    runner = Runner(settings, engine)
    clock = BlockingScheduler(timezone="UTC")
    for job in jobs.JOBS:
        clock.add_job(
            runner.tick,
            "cron",
            args=(job,),
            **job.when,
            id=job.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=GRACE_SECONDS,
        )
    try:
        with_signs(clock, runner).start()
    finally:
        engine.dispose()


def with_signs(clock: BlockingScheduler, runner: Runner) -> BlockingScheduler:
    """Have the clock hold the lease of the clock, or wait for it."""
    clock.add_job(runner.take, "interval", args=(CLOCK,), seconds=LEASE.total_seconds() / SIGNS)
    return clock


def _now() -> datetime:
    return datetime.now(UTC)
