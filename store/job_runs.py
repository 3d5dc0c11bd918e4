"""What became of recurring work, each time it was done."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from store import tables


def begin(session: Session, job: str, now: datetime) -> int:
    """Write down that a job has begun; returns the number of this time."""
    run = tables.JobRun(job=job, started_at=now)
    session.add(run)
    session.flush()
    return run.id or 0


def end(
    session: Session, number: int, now: datetime, state: str, detail: Mapping[str, Any]
) -> None:
    """Write down that it has ended, `done` or `failed`."""
    run = session.get_one(tables.JobRun, number)
    run.ended_at, run.state, run.detail = now, state, dict(detail)
    session.add(run)
    session.flush()


def interrupt(session: Session, now: datetime, job: str | None = None) -> int:
    """Mark what was running when its process died, of one job or all; returns how many."""
    run = tables.JobRun
    asked = select(run).where(run.state == "running")
    left = session.exec(asked if job is None else asked.where(run.job == job)).all()
    for found in left:
        found.state, found.ended_at = "interrupted", now
        session.add(found)
    session.flush()
    return len(left)


def last_successes(session: Session) -> dict[str, datetime]:
    """When each job last ended well; no entry for one that never did."""
    run = tables.JobRun
    asked = select(run.job, func.max(col(run.ended_at))).where(run.state == "done")
    return {job: at for job, at in session.exec(asked.group_by(run.job)) if at is not None}


def latest(session: Session, job: str, most: int = 1) -> Sequence[tables.JobRun]:
    """The last times a job was begun, the newest first."""
    run = tables.JobRun
    return session.exec(
        select(run)
        .where(run.job == job)
        .order_by(col(run.started_at).desc(), col(run.id).desc())
        .limit(most)
    ).all()
