"""From the duty files to a roster and back: the only place where both vocabularies meet.

Frames in have the columns of the file formats; frames out are `roster.csv`, `holes.csv` and
`fairness.csv`, their rows sorted by start of the slot, slot and doctor.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from itertools import combinations
from typing import Any

import polars as pl

from api.files import formats, outcome
from api.services import ledger
from api.services.stopwatch import Clock, Progress, Stopwatch
from scheduler import check, notices, problem, records, solve
from scheduler import roster as rosters
from scheduler.explanation import holes as explained
from scheduler.explanation import share

EXPLAIN = "explain"


@dataclass(frozen=True)
class RosterOptions:
    """What the coordinator chooses: seed, wholly free days between two duties, time zone.

    With `min_gap_seconds` several duties a day are allowed, so far apart, and `rest_days` says
    nothing. `travel_seconds` is the way from one site to another, 0 where it is not told. Doctors
    near the ceiling of the civil year are told; `ceiling_refuses` gives them nothing above it.
    Points of the ledger keep `keep_percent` of a hundred from one civil year to the next.
    `limit_seconds` bounds the search by wall clock; past it the best roster found is given.
    """

    seed: int = 1
    rest_days: int = 1
    timezone: str = "Europe/Paris"
    limit_seconds: float = 60.0
    min_gap_seconds: int | None = None
    travel_seconds: Mapping[tuple[str, str], int] | None = None
    indemnity_ceiling_cents: int | None = None
    ceiling_refuses: bool = False
    keep_percent: int = 100

    def terms(self) -> problem.Terms:
        """The same for the scheduler."""
        return problem.Terms(
            rest_days=self.rest_days if self.min_gap_seconds is None else 0,
            min_gap_seconds=self.min_gap_seconds,
            timezone=self.timezone,
            indemnity_ceiling_cents=self.indemnity_ceiling_cents,
            ceiling_refuses=self.ceiling_refuses,
            keep_percent=self.keep_percent,
        )


@dataclass(frozen=True, eq=False)
class RosterRun:
    """A roster told in tables.

    `roster`: slot_id, rpps, points. `holes`: slot_id, missing, reason, cheapest_relaxation, as
    compact strings. `fairness`: rpps, duties, points, history_points, target (points, rounded to
    hundredths). `ledger`: the ledger given with this roster added. `summary` is ready for JSON.
    `faults` are the rows of the availability that were left out.
    """

    roster: pl.DataFrame
    holes: pl.DataFrame
    fairness: pl.DataFrame
    ledger: pl.DataFrame
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


def ways(travel: pl.DataFrame) -> dict[tuple[str, str], int]:
    """Seconds from one site to another; the way back takes as long unless it is told as well."""
    told = [
        (one, other, round(60 * minutes))
        for one, other, minutes in travel.select("site_id", "to_site_id", "minutes").iter_rows()
    ]
    back = {(other, one): seconds for one, other, seconds in told}
    return back | {(one, other): seconds for one, other, seconds in told}


def doubtful_ways(travel: pl.DataFrame, slots: pl.DataFrame) -> list[tuple[str, str, list[int]]]:
    """What to say of ways between sites, as (column, reason, rows): sites of no slot, and ways
    between sites of slots that nobody told."""
    sites = sorted(set(slots["site_id"]))
    strange = [
        (column, "n'est le lieu d'aucun créneau", (~travel[column].is_in(sites)).arg_true())
        for column in ("site_id", "to_site_id")
    ]
    known = ways(travel)
    untold: list[tuple[str, str, list[int]]] = [
        ("minutes", f"trajet entre {one} et {other} inconnu, compté 0 minute", [])
        for one, other in combinations(sites, 2)
        if (one, other) not in known
    ]
    return [(column, reason, list(rows)) for column, reason, rows in strange if len(rows)] + untold


def run(
    slots: pl.DataFrame,
    doctors: pl.DataFrame,
    availability: pl.DataFrame,
    published: pl.DataFrame | None = None,
    options: RosterOptions | None = None,
    *,
    former: pl.DataFrame | None = None,
    progress: Progress | None = None,
    clock: Clock = time.perf_counter,
) -> RosterRun:
    """Solve the roster; `progress(phase, share)` is told each phase as it begins.

    Availability rows at fault are left out and listed. A published row that names an unknown
    slot or doctor counts as a dropped duty. `former` is the ledger so far. Raises ValueError on
    what the file formats exclude.
    """
    options = options or RosterOptions()
    watch = Stopwatch(clock, progress)
    faults = cross_check(slots, doctors, availability)
    entries = ledger.read(former)
    carried = ledger.history(entries, slots, options.timezone)
    offers = _without(availability, faults)
    asked = asked_of(slots, doctors, offers, published, options, carried=carried)
    answer = solve.solve(asked, problem.Limits(options.limit_seconds, options.seed), watch.tell)
    watch.tell(EXPLAIN, 1.0)
    holes, fairness = holes_frame(asked, answer.roster), fairness_frame(asked, answer.roster)
    return RosterRun(
        roster=roster_frame(asked, answer.roster),
        holes=holes,
        fairness=fairness,
        ledger=ledger.written(entries, asked, answer.roster, published),
        summary=summed_up(asked, answer, options)
        | _notices(asked, answer.roster, published)
        | {"seconds": watch.seconds()},
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


def asked_of(
    slots: pl.DataFrame,
    doctors: pl.DataFrame,
    availability: pl.DataFrame,
    published: pl.DataFrame | None,
    options: RosterOptions,
    *,
    carried: ledger.History | None = None,
) -> problem.Problem:
    """The question that the tables ask. Raises ValueError where pinned duties break a rule."""
    decided = {} if published is None else {"published": named(published)}
    offers = formats.completed(availability, formats.AVAILABILITY)
    try:
        return records.from_records(
            [records.Slot(**row) for row in _slot_rows(slots).iter_rows(named=True)],
            [_doctor(row, carried or {}) for row in _doctor_rows(doctors).iter_rows(named=True)],
            [records.Offer(**row) for row in _offer_rows(offers).iter_rows(named=True)],
            terms=options.terms(),
            pinned=_pins(published, doctors, slots),
            forbidden=named(offers.filter(pl.col("forbidden"))),
            travel_seconds=options.travel_seconds,
            **decided,
        )
    except records.Contradiction as broken:
        duties = " et ".join(f"« {rpps} » sur « {slot_id} »" for rpps, slot_id in broken.duties)
        raise ValueError(f"gardes fixées {duties} : la règle {broken.rule} l'interdit") from broken


def named(pairs: pl.DataFrame) -> list[tuple[str, str]]:
    """The (rpps, slot_id) pairs of a table."""
    return pairs.select("rpps", "slot_id").rows()


def _pins(
    published: pl.DataFrame | None, doctors: pl.DataFrame, slots: pl.DataFrame
) -> list[tuple[str, str]]:
    """Published duties that must stay; their doctor and their slot must be known."""
    if published is None:
        return []
    pinned = formats.completed(published, formats.PUBLISHED).filter(pl.col("pinned"))
    for fault in cross_check(slots, doctors, pinned):
        raise ValueError(f"garde fixée : « {fault.value} » {fault.reason}")
    return named(pinned)


def _cents(column: str, name: str) -> pl.Expr:
    """Euros as whole cents, an absurd amount made a very large one; unknown counts for nothing."""
    euros = pl.col(column).fill_null(0).clip(upper_bound=problem.MOST_CENTS // 100)
    return (euros * 100).round().cast(pl.Int64).alias(name)


def _slot_rows(slots: pl.DataFrame) -> pl.DataFrame:
    return formats.completed(slots, formats.SLOTS).select(
        *("slot_id", "start", "end", "doctors_needed", "hardness", "points"),
        pl.col("site_id").alias("site"),
        pl.col("departement").fill_null(""),
        _cents("indemnity", "indemnity_cents"),
    )


def _doctor_rows(doctors: pl.DataFrame) -> pl.DataFrame:
    return formats.completed(doctors, formats.DUTY_DOCTORS).select(
        *("rpps", "participation", "max_per_week", "max_per_month", "max_per_period"),
        pl.col("history_points").fill_null(0),
        pl.col("min_per_period").fill_null(0),
        _cents("indemnity_so_far", "indemnity_so_far_cents"),
        *("licence_until", "authorisations", "replaced"),
    )


def _doctor(row: dict[str, Any], carried: ledger.History) -> records.Doctor:
    held, away = row.pop("authorisations"), row.pop("replaced")
    return records.Doctor(
        **row,
        ledger=carried.get(row["rpps"], ()),
        authorisations=None if held is None else tuple(records.Authorisation(**it) for it in held),
        replaced=tuple(records.Replacement(**it) for it in away or ()),
    )


def _offer_rows(availability: pl.DataFrame) -> pl.DataFrame:
    return availability.select(
        *("rpps", "slot_id"),
        pl.col("wish").fill_null(0),
        pl.col("waives_rest").fill_null(value=False),
    )


def roster_frame(asked: problem.Problem, given: rosters.Roster) -> pl.DataFrame:
    """The rows of `roster.csv`."""
    duties = sorted(given.duties(), key=lambda duty: (_by_start(asked, duty[1]), duty[0]))
    return pl.DataFrame(
        [
            (asked.slot_ids[slot], asked.rpps[doctor], int(asked.points[slot]))
            for doctor, slot in duties
        ],
        schema={"slot_id": pl.String, "rpps": pl.String, "points": pl.Int32},
        orient="row",
    )


def holes_frame(asked: problem.Problem, given: rosters.Roster) -> pl.DataFrame:
    """The rows of `holes.csv`."""
    rows = {slot_id: row for row, slot_id in enumerate(asked.slot_ids)}
    found = explained.holes(asked, given)
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


def _reason(hole: explained.Hole) -> str:
    """For example `everybody_blocked 10000000001:max_per_week 10000000002:max_per_month+rest`."""
    blocked = (f"{doctor.rpps}:{'+'.join(doctor.rules)}" for doctor in hole.blocked)
    return " ".join((hole.reason, *blocked))


def _relaxation(cheapest: explained.Relaxation | None) -> str:
    """For example `10000000001 max_per_week 1->2`, `10000000001 rest`, `10000000001 ask`."""
    if cheapest is None:
        return ""
    words = f"{cheapest.rpps} {cheapest.rule}"
    return words if cheapest.cap is None else f"{words} {cheapest.cap}->{cheapest.cap + 1}"


def fairness_frame(asked: problem.Problem, given: rosters.Roster) -> pl.DataFrame:
    """The rows of `fairness.csv`."""
    return pl.DataFrame(
        [
            (row.rpps, row.duties, row.points, row.history_points, round(row.target_points, 2))
            for row in share.fairness(asked, given)
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


def _notices(
    asked: problem.Problem, given: rosters.Roster, published: pl.DataFrame | None
) -> dict[str, Any]:
    """Doctors near the ceiling of indemnities, and duties that pass to a locum, if any."""
    doctors = {rpps: row for row, rpps in enumerate(asked.rpps)}
    slots = {slot_id: row for row, slot_id in enumerate(asked.slot_ids)}
    former = [] if published is None else named(published)
    known = [(doctors[d], slots[s]) for d, s in former if d in doctors and s in slots]
    told = {
        "indemnities": [asdict(it) for it in notices.indemnities(asked, given)],
        "transfers": [asdict(it) for it in notices.transfers(asked, rosters.roster(known), given)],
    }
    return {name: rows for name, rows in told.items() if rows}


def _charter(options: RosterOptions) -> dict[str, Any]:
    """What the territory has chosen; rest by one of its two forms."""
    gap, ceiling = options.min_gap_seconds, options.indemnity_ceiling_cents
    rest = {"rest_days": options.rest_days} if gap is None else {"min_gap_hours": gap / 3600}
    paid = {"indemnity_ceiling": (ceiling or 0) / 100, "ceiling_refuses": options.ceiling_refuses}
    return {
        **rest,
        "timezone": options.timezone,
        "keep_percent": options.keep_percent,
        **({} if ceiling is None else paid),
    }


def summed_up(
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
        "proved_by": {level.name: level.proved_by for level in answer.levels},
        "seed": options.seed,
        **_charter(options),
        "versions": {name: metadata.version(name) for name in ("releve", "ortools")},
    }
