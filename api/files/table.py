"""A file that has been read: typed rows, their lines, what was refused and what is doubtful."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from api.files import outcome, social_security


@dataclass(frozen=True)
class Table:
    """The rows that were kept, and all that there is to say about the file.

    `frame` is typed, null where unknown; `lines` (Int64) is the physical line of each of its rows;
    `cells` is their text, unknown columns included. `rejects` run in the order of the lines.
    """

    file: str
    frame: pl.DataFrame
    lines: pl.Series
    cells: pl.DataFrame
    warnings: list[outcome.Remark]
    rejects: list[outcome.Reject]


def rejects_of(table: Table, faults: Iterable[outcome.Fault]) -> list[outcome.Reject]:
    """Faults found in the rows of `table.frame`, told with their line in the file.

    One reject per cell: the first fault of a cell wins. Rows are 0-based in `table.frame`.
    """
    first: dict[tuple[int, str], outcome.Fault] = {}
    for fault in faults:
        first.setdefault((fault.row, fault.column), fault)
    places = {name: at for at, name in enumerate(table.cells.columns)}
    ordered = sorted(first.values(), key=lambda it: (it.row, places.get(it.column, len(places))))
    return [_told(table, fault) for fault in ordered]


def _told(table: Table, fault: outcome.Fault) -> outcome.Reject:
    return outcome.Reject(
        file=table.file,
        line=int(table.lines[fault.row]),
        column=fault.column,
        value=social_security.mask(fault.value),
        reason=fault.reason,
        row=outcome.row_text(table.cells.row(fault.row)),
    )


def set_aside(table: Table, faults: Iterable[outcome.Fault]) -> Table:
    """The table without the rows at fault, which join its rejects."""
    found = list(faults)
    if not found:
        return table
    rows = sorted({fault.row for fault in found})
    kept = ~pl.int_range(table.frame.height, eager=True).is_in(rows)
    rejects = table.rejects + rejects_of(table, found)
    return replace(
        table,
        frame=table.frame.filter(kept),
        lines=table.lines.filter(kept),
        cells=table.cells.filter(kept),
        rejects=sorted(rejects, key=lambda reject: reject.line or 0),
    )


def grouped_remarks(
    table: Table, doubts: Iterable[tuple[str, str, list[int]]]
) -> list[outcome.Remark]:
    """Doubts (column, reason, rows) as remarks with lines, one per column and reason."""
    lines: dict[tuple[str, str], list[int]] = defaultdict(list)
    for column, reason, rows in doubts:
        lines[column, reason] += table.lines.gather(rows).to_list()
    return [
        outcome.Remark(table.file, column, reason, tuple(found))
        for (column, reason), found in lines.items()
    ]
