"""Answers about a published roster: one slot, one doctor, or every hole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeAlias

import numpy as np

from api.services import roster
from api.services.roster_repair import RosterFrames, found_by, starts
from api.services.stopwatch import Progress
from scheduler import problem, repair
from scheduler.events import instant_us
from scheduler.explanation.choice import Choice, choice
from scheduler.explanation.relaxations import Hole, hole
from scheduler.explanation.share import Burden, burden


class UnknownSubject(ValueError):
    """Neither a slot nor a doctor of the files."""

    def __init__(self, named: str) -> None:
        super().__init__(named)
        self.named = named


@dataclass(frozen=True)
class Subject:
    """What is asked about: a slot, a doctor, or every hole if neither."""

    slot_id: str | None = None
    rpps: str | None = None


Told: TypeAlias = Choice | Burden | tuple[Hole, ...]


@dataclass(frozen=True)
class RosterExplanation:
    """The answer, and the names of doctors and the local starts of slots, in ISO 8601.

    It is about the roster as a repair leaves it today; `to_mend` is how many duties that changes,
    0 for a roster that is still the best.
    """

    told: Told
    status: str
    to_mend: int
    names: dict[str, str]
    starts: dict[str, str]


def explain(
    frames: RosterFrames,
    subject: Subject,
    now: datetime,
    options: roster.RosterOptions,
    *,
    progress: Progress,
) -> RosterExplanation:
    """Answer. Raises UnknownSubject, ValueError on what the file formats exclude."""
    progress("prepare", 0.0)
    found = found_by(frames, (), now, options)
    tell = partial(progress, roster.EXPLAIN)
    limits = problem.Limits(options.limit_seconds, options.seed)
    if subject.slot_id is None and subject.rpps is None:
        told: Told = _every_hole(found, now, limits, tell)
    else:
        told = _told(found, subject, limits, tell)
    progress("done", 1.0)
    return RosterExplanation(
        told=told,
        status=found.outcome.status,
        to_mend=len(found.lost) + len(found.gained),
        names=frames.names(),
        starts=starts(found.problem, options.timezone),
    )


def _told(
    found: repair.Repair,
    subject: Subject,
    limits: problem.Limits,
    tell: Callable[[float], None],
) -> Choice | Burden:
    asked, before = found.problem, found.outcome
    if subject.slot_id is not None:
        slot = _row(asked.slot_ids, subject.slot_id)
        return choice(asked, before, found.roster, slot, limits=limits, tell=tell)
    return burden(asked, found.roster, _row(asked.rpps, subject.rpps or ""))


def _every_hole(
    found: repair.Repair, now: datetime, limits: problem.Limits, tell: Callable[[float], None]
) -> tuple[Hole, ...]:
    """The holes to come, by start."""
    asked, taken = found.problem, found.outcome.roster.slot
    missing = asked.doctors_needed - np.bincount(taken, minlength=len(asked.slot_ids))
    empty = np.flatnonzero((missing > 0) & (asked.slot_start_us >= instant_us(now)))
    told: list[Hole] = []
    for slot in empty[np.argsort(asked.slot_start_us[empty], kind="stable")].tolist():
        tell(len(told) / len(empty))
        told.append(hole(asked, found.outcome, slot, limits=limits))
    return tuple(told)


def _row(names: Sequence[str], name: str) -> int:
    if name not in names:
        raise UnknownSubject(name)
    return names.index(name)
