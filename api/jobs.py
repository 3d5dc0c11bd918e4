"""The timetable of recurring work: one line a job. APScheduler is only its clock."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apscheduler.schedulers.background import BlockingScheduler

from api.services import watch
from api.settings import Settings
from store import parameters
from store import session as stores
from store.session import Session

LOG = logging.getLogger("releve.jobs")

GRACE_SECONDS = 600
"""A job that could not start on time (a restart, a busy machine) still runs that much later."""


@dataclass(frozen=True)
class Job:
    """Recurring work: its name, when it runs (UTC, APScheduler's words) and what it does."""

    name: str
    when: dict[str, Any]
    run: Callable[[Session, datetime], None]


def watch_the_roster(session: Session, now: datetime) -> None:
    """Warn of the seats of the coming hours that nobody holds: no name, only slots."""
    hours = parameters.at("availability_window_hours", now.date())
    for hole in watch.coming_holes(session, now, hours):
        LOG.warning(
            "slot %s at %s lacks %d", hole.slot_id, hole.starts_at.isoformat(), hole.missing
        )


JOBS = (Job("watch-the-roster", {"minute": 5}, watch_the_roster),)
"""Every job, in the order of the day."""


def run_once(job: Job, settings: Settings, now: datetime) -> None:
    """Run one job in a transaction of its own."""
    engine = stores.open_engine(settings.database_url)
    try:
        with stores.session_factory(engine)() as session:
            job.run(session, now)
            session.commit()
    finally:
        engine.dispose()


def run(settings: Settings) -> None:
    """Run every job at its time until the process is stopped. One such process is enough."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    clock = BlockingScheduler(timezone="UTC")
    for job in JOBS:
        clock.add_job(
            lambda job=job: run_once(job, settings, datetime.now(UTC)),
            "cron",
            **job.when,
            id=job.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=GRACE_SECONDS,
        )
    clock.start()
