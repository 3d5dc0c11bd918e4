"""The timetable of recurring work: one line a job. `api.runner` runs it."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.directories import osrm
from api.services import purge, watch
from api.settings import Settings
from store import answers, imports, journal, parameters, travel_times
from store.session import Session

LOG = logging.getLogger("releve.jobs")


@dataclass(frozen=True)
class Work:
    """What a job is given: a session that writes and is committed afterwards, the present, the
    settings. Nobody else writes meanwhile, so a job is short."""

    session: Session
    now: datetime
    settings: Settings


@dataclass(frozen=True)
class Job:
    """Recurring work: its name, when it runs (UTC, APScheduler's words) and what it does.

    What it answers, numbers as a rule, is kept with the record of that time.
    """

    name: str
    when: dict[str, Any]
    run: Callable[[Work], Mapping[str, object] | None]


def watch_the_roster(work: Work) -> Mapping[str, object]:
    """Warn of the seats of the coming hours that nobody holds: no name, only slots."""
    hours = parameters.at("availability_window_hours", work.now.date())
    holes = watch.coming_holes(work.session, work.now, hours)
    for hole in holes:
        LOG.warning(
            "slot %s at %s lacks %d", hole.slot_id, hole.starts_at.isoformat(), hole.missing
        )
    return {"holes": len(holes)}


def forget_old_traces(work: Work) -> Mapping[str, object]:
    """Remove the lines of the journal that are older than they may be kept, and what would undo
    imports as old."""
    days = int(parameters.at("journal_kept_days", work.now.date()))
    before = work.now - timedelta(days=days)
    return {
        "lines": journal.forget(work.session, work.settings.vault, before),
        "imports": imports.forget(work.session, before),
    }


def empty_old_files(work: Work) -> Mapping[str, object]:
    """Purge what is no longer to be kept: who old files are of, messages, sessions, links."""
    return purge.carry_out(work.session, work.settings.vault, "job:empty-old-files", work.now)


def forget_old_travel_times(work: Work) -> Mapping[str, object]:
    """Remove the travel times that are too old to serve, even while nobody tells newer ones."""
    return {"times": travel_times.forget(work.session, work.now - osrm.KEPT_FOR)}


def forget_old_answers(work: Work) -> Mapping[str, object]:
    """Remove the answers that are kept for whoever asks twice, once nobody asks any more."""
    hours = int(parameters.at("idempotent_answer_kept_hours", work.now.date()))
    return {"answers": answers.forget(work.session, work.now - timedelta(hours=hours))}


JOBS = (
    Job("watch-the-roster", {"minute": 5}, watch_the_roster),
    Job("forget-old-answers", {"minute": 35}, forget_old_answers),
    Job("empty-old-files", {"hour": 2, "minute": 10}, empty_old_files),
    Job("forget-old-traces", {"hour": 2, "minute": 20}, forget_old_traces),
    Job("forget-old-travel-times", {"hour": 2, "minute": 40}, forget_old_travel_times),
)
"""Every job, in the order of the day."""


def named(name: str) -> Job | None:
    """The job of this name, if there is one."""
    return next((job for job in JOBS if job.name == name), None)
