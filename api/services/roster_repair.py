"""From the duty files and what has happened to a repaired roster, told in tables."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from api.files import formats
from api.services import ledger, roster
from api.services.stopwatch import Clock, Progress, Stopwatch
from scheduler import events, problem, repair


@dataclass(frozen=True, eq=False)
class RosterFrames:
    """What a published roster was made from, and the roster; `former` is the ledger so far."""

    slots: pl.DataFrame
    doctors: pl.DataFrame
    availability: pl.DataFrame
    published: pl.DataFrame
    former: pl.DataFrame | None = None

    def asked(self, options: roster.RosterOptions) -> problem.Problem:
        """The question, with the history that the ledger tells and the pins of the roster."""
        carried = ledger.history(ledger.read(self.former), self.slots, options.timezone)
        return roster.asked_of(
            self.slots, self.doctors, self.availability, self.published, options, carried=carried
        )

    def names(self) -> dict[str, str]:
        """Given and family name by rpps, of doctors whose file tells one."""
        rows = formats.completed(self.doctors, formats.DUTY_DOCTORS)
        told = rows.select("rpps", "given_name", "family_name").iter_rows()
        names = {rpps: " ".join(part for part in parts if part) for rpps, *parts in told}
        return {rpps: name for rpps, name in names.items() if name}


@dataclass(frozen=True, eq=False)
class RepairRun:
    """A repaired roster told in tables.

    `roster`, `holes`, `fairness`, `ledger` as in `roster.RosterRun`. `changes`: slot_id, rpps,
    change (`lost` or `gained`) and why, by start of the slot. `summary` is ready for JSON.
    `names` of doctors by rpps, local `starts` of slots in ISO 8601.
    """

    roster: pl.DataFrame
    changes: pl.DataFrame
    holes: pl.DataFrame
    fairness: pl.DataFrame
    ledger: pl.DataFrame
    summary: dict[str, Any]
    names: dict[str, str]
    starts: dict[str, str]


def run(
    frames: RosterFrames,
    happened: Iterable[events.Event],
    now: datetime,
    options: roster.RosterOptions,
    *,
    progress: Progress | None = None,
    clock: Clock = time.perf_counter,
) -> RepairRun:
    """Repair; `progress(phase, share)` is told each phase as it begins.

    Raises events.CannotApply for an event that cannot be, ValueError on what the formats exclude.
    """
    watch = Stopwatch(clock, progress)
    watch.tell("prepare", 0.0)
    found = found_by(frames, happened, now, options, watch.tell)
    watch.tell(roster.EXPLAIN, 1.0)
    holes = roster.holes_frame(found.problem, found.outcome.roster)
    entries = ledger.read(frames.former)
    return RepairRun(
        roster=roster.roster_frame(found.problem, found.roster),
        changes=_changes(found),
        holes=holes,
        fairness=roster.fairness_frame(found.problem, found.outcome.roster),
        ledger=ledger.written(entries, found.problem, found.roster, frames.published),
        summary=roster.summed_up(found.problem, found.outcome, options)
        | {"now": now.isoformat(), "kept": found.kept}
        | {"lost": len(found.lost), "gained": len(found.gained), "seconds": watch.seconds()},
        names=frames.names(),
        starts=starts(found.problem, options.timezone),
    )


def found_by(
    frames: RosterFrames,
    happened: Iterable[events.Event],
    now: datetime,
    options: roster.RosterOptions,
    tell: Progress | None = None,
) -> repair.Repair:
    """The repair itself."""
    limits = problem.Limits(options.limit_seconds, options.seed)
    return repair.repair(
        frames.asked(options),
        roster.named(frames.published),
        happened,
        now,
        limits=limits,
        progress=tell,
    )


def starts(asked: problem.Problem, timezone: str) -> dict[str, str]:
    """When each slot begins, in local time, as ISO 8601."""
    zone = ZoneInfo(timezone)
    return {
        slot_id: datetime.fromtimestamp(us / 1_000_000, UTC).astimezone(zone).isoformat()
        for slot_id, us in zip(asked.slot_ids, asked.slot_start_us.tolist(), strict=True)
    }


def _changes(found: repair.Repair) -> pl.DataFrame:
    start = dict(zip(found.problem.slot_ids, found.problem.slot_start_us.tolist(), strict=True))
    rows = sorted(_rows(found), key=lambda row: (start.get(row[0], 0), row))
    names = ("slot_id", "rpps", "change", "why")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _rows(found: repair.Repair) -> Iterator[tuple[str, str, str, str]]:
    for kind, changes in (("lost", found.lost), ("gained", found.gained)):
        for it in changes:
            yield it.slot_id, it.rpps, kind, it.why
