"""From the duty files to a roster and back: the only place where both vocabularies meet.

Frames in have the columns of the file formats; frames out are `roster.csv`, `holes.csv` and
`fairness.csv`, their rows sorted by start of the slot, slot and doctor.
"""

import time
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import polars as pl

from api.files import outcome
from api.services.stopwatch import Clock, Progress, Stopwatch
from scheduler import check, explain, problem, solve
from scheduler import roster as rosters

EXPLAIN = "explain"


@dataclass(frozen=True)
class RosterOptions:
    """What the coordinator chooses: seed, wholly free days between two duties, time zone.

    `limit_seconds` bounds the search by wall clock; past it the best roster found is given.
    """

    seed: int = 1
    rest_days: int = 1
    timezone: str = "Europe/Paris"
    limit_seconds: float = 60.0


@dataclass(frozen=True, eq=False)
class RosterRun:
    """A roster told in tables.

    `roster`: slot_id, rpps, points. `holes`: slot_id, missing, reason, cheapest_relaxation, as
    compact strings. `fairness`: rpps, duties, points, history_points, target (points, rounded to
    hundredths). `summary` is ready for JSON. `faults` are the rows of the availability that were
    left out.
    """

    roster: pl.DataFrame
    holes: pl.DataFrame
    fairness: pl.DataFrame
    summary: dict[str, Any]
    faults: list[outcome.Fault]


def cross_check(
    slots: pl.DataFrame, doctors: pl.DataFrame, availability: pl.DataFrame
) -> list[outcome.Fault]:
    """Availability rows that name a slot or a doctor the other files do not have."""
    return [
        *_strangers(availability, "rpps", doctors, "n'est pas dans le fichier des médecins"),
        *_strangers(availability, "slot_id", slots, "n'est pas dans le fichier des créneaux"),
    ]


def run(
    slots: pl.DataFrame,
    doctors: pl.DataFrame,
    availability: pl.DataFrame,
    published: pl.DataFrame | None = None,
    options: RosterOptions | None = None,
    *,
    progress: Progress | None = None,
    clock: Clock = time.perf_counter,
) -> RosterRun:
    """Solve the roster; `progress(phase, share)` is told each phase as it begins.

    Availability rows at fault are left out and listed. A published row that names an unknown
    slot or doctor counts as a dropped duty. Raises ValueError on what the file formats exclude.
    """
    options = options or RosterOptions()
    watch = Stopwatch(clock, progress)
    faults = cross_check(slots, doctors, availability)
    asked = _problem(slots, doctors, _without(availability, faults), published, options)
    answer = solve.solve(asked, problem.Limits(options.limit_seconds, options.seed), watch.tell)
    watch.tell(EXPLAIN, 1.0)
    holes, fairness = _holes(asked, answer.roster), _fairness(asked, answer.roster)
    return RosterRun(
        roster=_roster(asked, answer.roster),
        holes=holes,
        fairness=fairness,
        summary=_summary(asked, answer, options) | {"seconds": watch.seconds()},
        faults=faults,
    )


def _strangers(
    rows: pl.DataFrame, column: str, known: pl.DataFrame, reason: str
) -> list[outcome.Fault]:
    strangers = rows.with_row_index("row").join(known, on=column, how="anti").sort("row")
    return [
        outcome.Fault(row, column, value, reason)
        for row, value in strangers.select("row", column).iter_rows()
    ]


def _without(availability: pl.DataFrame, faults: list[outcome.Fault]) -> pl.DataFrame:
    rows = {fault.row for fault in faults}
    return availability.filter([row not in rows for row in range(availability.height)])


def _problem(
    slots: pl.DataFrame,
    doctors: pl.DataFrame,
    availability: pl.DataFrame,
    published: pl.DataFrame | None,
    options: RosterOptions,
) -> problem.Problem:
    return problem.problem(
        [problem.Slot(**row) for row in slots.select(_SLOT).iter_rows(named=True)],
        [problem.Doctor(**row) for row in _doctor_rows(doctors).iter_rows(named=True)],
        [problem.Offer(**row) for row in _offer_rows(availability).iter_rows(named=True)],
        published=None if published is None else published.select("rpps", "slot_id").iter_rows(),
        rest_days=options.rest_days,
        timezone=options.timezone,
    )


_SLOT = ("slot_id", "start", "end", "doctors_needed", "hardness", "points")
_DOCTOR = (
    "rpps",
    "participation",
    "max_per_week",
    "max_per_month",
    "max_per_period",
    "history_points",
)


def _doctor_rows(doctors: pl.DataFrame) -> pl.DataFrame:
    return doctors.select(_DOCTOR).with_columns(pl.col("history_points").fill_null(0))


def _offer_rows(availability: pl.DataFrame) -> pl.DataFrame:
    return availability.select("rpps", "slot_id", pl.col("wish").fill_null(0))


def _roster(asked: problem.Problem, given: rosters.Roster) -> pl.DataFrame:
    duties = sorted(given.duties(), key=lambda duty: (_by_start(asked, duty[1]), duty[0]))
    return pl.DataFrame(
        [
            (asked.slot_ids[slot], asked.rpps[doctor], int(asked.points[slot]))
            for doctor, slot in duties
        ],
        schema={"slot_id": pl.String, "rpps": pl.String, "points": pl.Int32},
        orient="row",
    )


def _holes(asked: problem.Problem, given: rosters.Roster) -> pl.DataFrame:
    rows = {slot_id: row for row, slot_id in enumerate(asked.slot_ids)}
    found = explain.holes(asked, given)
    found.sort(key=lambda hole: _by_start(asked, rows[hole.slot_id]))
    return pl.DataFrame(
        [(hole.slot_id, hole.missing, _reason(hole), _relaxation(hole.cheapest)) for hole in found],
        schema={
            "slot_id": pl.String,
            "missing": pl.Int32,
            "reason": pl.String,
            "cheapest_relaxation": pl.String,
        },
        orient="row",
    )


def _by_start(asked: problem.Problem, slot: int) -> tuple[int, str]:
    return int(asked.slot_start_us[slot]), asked.slot_ids[slot]


def _reason(hole: explain.Hole) -> str:
    """For example `everybody_blocked 10000000001:max_per_week 10000000002:max_per_month+rest`."""
    blocked = (f"{doctor.rpps}:{'+'.join(doctor.rules)}" for doctor in hole.blocked)
    return " ".join((hole.reason, *blocked))


def _relaxation(cheapest: explain.Relaxation | None) -> str:
    """For example `10000000001 max_per_week 1->2`, `10000000001 rest`, `10000000001 ask`."""
    if cheapest is None:
        return ""
    words = f"{cheapest.rpps} {cheapest.rule}"
    return words if cheapest.cap is None else f"{words} {cheapest.cap}->{cheapest.cap + 1}"


def _fairness(asked: problem.Problem, given: rosters.Roster) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (row.rpps, row.duties, row.points, row.history_points, round(row.target_points, 2))
            for row in explain.fairness(asked, given)
        ],
        schema={
            "rpps": pl.String,
            "duties": pl.Int32,
            "points": pl.Int64,
            "history_points": pl.Int64,
            "target": pl.Float64,
        },
        orient="row",
    )


def _summary(
    asked: problem.Problem, answer: rosters.Outcome, options: RosterOptions
) -> dict[str, Any]:
    """Status, every level with its bound and gap, and all that is needed to run it again."""
    values = {level.name: level.value for level in answer.levels}
    filled = {name[-1]: values.pop(name) for name in check.COVERAGE}
    return {
        "status": answer.status,
        "slots": len(asked.slot_ids),
        "doctors": len(asked.rpps),
        "seats": int(asked.doctors_needed.sum()),
        "filled": filled,
        **values,
        "bound": {level.name: level.bound for level in answer.levels},
        "gap": {level.name: level.gap for level in answer.levels},
        "seed": options.seed,
        "rest_days": options.rest_days,
        "timezone": options.timezone,
        "versions": {name: metadata.version(name) for name in ("releve", "ortools")},
    }
