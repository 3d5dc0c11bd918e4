"""The ledger between its file and the scheduler: credits of former rosters in, this one added."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from api.files import formats
from scheduler import ledger, problem, records
from scheduler import roster as rosters

COLUMNS = {column.name: column.dtype for column in formats.LEDGER.columns}
History = dict[str, tuple[tuple[int, int], ...]]
"""Points by year, by rpps."""


def read(rows: pl.DataFrame | None) -> ledger.Ledger:
    """The entries of a file, none without a file. Raises ValueError on a duty given twice."""
    if rows is None:
        return ()
    told = formats.completed(rows, formats.LEDGER).select(*COLUMNS)
    filled = told.with_columns(pl.col("planned", "held").fill_null(True))
    return ledger.ledger(ledger.Entry(**row) for row in filled.iter_rows(named=True))


def history(former: ledger.Ledger, slots: pl.DataFrame, timezone: str) -> History:
    """What counts before a roster of these slots: credits for the slots themselves are its own."""
    days = slots.select(pl.col("start").dt.convert_time_zone(timezone).dt.date(), "slot_id").rows()
    own = set(days)
    return ledger.history(it for it in former if it.slot not in own)


def written(
    former: ledger.Ledger,
    asked: problem.Problem,
    given: rosters.Roster,
    published: pl.DataFrame | None,
) -> pl.DataFrame:
    """The rows of `ledger.csv` once this roster is added, or amends the published one."""
    now, slots = ledger.planned(asked, given), ledger.slots_of(asked)
    before = None if published is None else ledger.planned(asked, _known(asked, published))
    entries = ledger.joined(former, now, slots, before)
    rows = [[getattr(it, name) for name in COLUMNS] for it in entries]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def _known(asked: problem.Problem, published: pl.DataFrame) -> rosters.Roster:
    """The published duties whose doctor and slot are in the files."""
    doctor = {rpps: row for row, rpps in enumerate(asked.rpps)}
    slot = {slot_id: row for row, slot_id in enumerate(asked.slot_ids)}
    pairs = published.select("rpps", "slot_id").rows()
    return rosters.roster([(doctor[d], slot[s]) for d, s in pairs if d in doctor and s in slot])


@dataclass(frozen=True)
class StandingsOptions:
    """The civil year in which the points are counted, what each year before keeps of its own in a
    hundred, and the seed of the draw between equals."""

    year: int
    keep_percent: int = 100
    seed: int = 1


def standings(
    former: pl.DataFrame, doctors: pl.DataFrame, options: StandingsOptions
) -> pl.DataFrame:
    """Who has carried what, in the order in which to call for a volunteer: lowest burden first.

    `rank`, `rpps`, `duties` that count, `planned_points` and `worked_points` of the ledger alone;
    `points` that count today, faded and with the history of the file of doctors, and `burden`: the
    same for a full participation. Raises ValueError on a duty given twice.
    """
    entries = read(former)
    rows = formats.completed(doctors, formats.DUTY_DOCTORS)
    part: dict[str, float] = dict(rows.select("rpps", "participation").iter_rows())
    points = dict(rows.select("rpps", pl.col("history_points").fill_null(0)).iter_rows())
    for rpps, years in ledger.history(entries).items():
        carried = records.carried_points(years, options.year, options.keep_percent)
        points[rpps] = points.get(rpps, 0) + carried
    told = {it.rpps: it for it in ledger.standings(entries, part)}
    order = ledger.call_order(points, part, options.seed)
    return pl.DataFrame(
        [_row(rank, told[rpps], points[rpps], part) for rank, rpps in enumerate(order, 1)],
        schema=dict.fromkeys(STANDING, pl.Int64) | {"rpps": pl.String, "burden": pl.Float64},
        orient="row",
    )


STANDING = ("rank", "rpps", "duties", "planned_points", "worked_points", "points", "burden")


def _row(
    rank: int, it: ledger.Standing, points: int, part: Mapping[str, float]
) -> tuple[int | str | float, ...]:
    burden = round(points / part[it.rpps], 2)
    return rank, it.rpps, it.duties, it.planned_points, it.worked_points, points, burden
