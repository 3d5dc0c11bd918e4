"""The ledger between its file and the scheduler: credits of former rosters in, this one added."""

import polars as pl

from api.files import formats
from scheduler import ledger, problem
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
