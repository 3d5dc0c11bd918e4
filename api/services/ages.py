"""How long ago things last went well, for whoever supervises the service."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from store import job_runs, runs

KINDS = ("matching", "roster")


@dataclass(frozen=True)
class Ages:
    """Seconds since the last good end of each job, and since the last run of each kind.

    What never happened is not listed.
    """

    jobs: Mapping[str, float]
    runs: Mapping[str, float]


def of_work(session: Session, now: datetime) -> Ages:
    """The ages at an instant, of what the store remembers."""
    ended = job_runs.last_successes(session)
    latest = {kind: runs.latest(session, kind) for kind in KINDS}
    return Ages(
        {job: (now - at).total_seconds() for job, at in ended.items()},
        {kind: (now - run.finished_at).total_seconds() for kind, run in latest.items() if run},
    )
