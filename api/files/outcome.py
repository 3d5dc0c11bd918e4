"""What is said about a file: the faults of its rows, its rejects, its remarks.

A fault is found by row number inside a table; a reject is the same fault told to a person, with
the physical line of the file. Everything here is masked of social security numbers.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from api.files import social_security

LINES_SHOWN = 5
VALUE_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell of one row (0-based, in the table at hand) and why it cannot be accepted.

    `reason` is French and follows the quoted value (« abc » n'est pas une année), or stands alone
    when `value` is empty.
    """

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reject:
    """A refused cell, or a refused file when `line` is None.

    `line` is the physical line of the CSV file or the row of the sheet, from 1. `row` is the whole
    row as one line of CSV.
    """

    file: str
    line: int | None
    column: str | None
    value: str
    reason: str
    row: str = ""


@dataclass(frozen=True)
class Remark:
    """Something doubtful that is accepted; `lines` are those concerned, empty for the file."""

    file: str
    column: str | None
    reason: str
    lines: tuple[int, ...] = ()


def sentence(reject: Reject) -> str:
    """The reject as one French sentence: where, what, and what was expected."""
    where = reject.file
    where += f", ligne {reject.line}" if reject.line is not None else ""
    where += f", colonne « {reject.column} »" if reject.column else ""
    quoted = f"« {shortened(reject.value)} » " if reject.value else ""
    return f"{where} : {quoted}{reject.reason}."


def remark_sentence(remark: Remark) -> str:
    """The remark as one French sentence, naming the first lines concerned."""
    where = remark.file
    where += f", colonne « {remark.column} »" if remark.column else ""
    return f"{where} : {remark.reason}{_lines_named(remark.lines)}."


def _lines_named(lines: Sequence[int]) -> str:
    if not lines:
        return ""
    if len(lines) == 1:
        return f" (ligne {lines[0]})"
    shown = ", ".join(str(line) for line in lines[:LINES_SHOWN])
    others = len(lines) - LINES_SHOWN
    tail = f" et {others} autre{'s' if others > 1 else ''}" if others > 0 else ""
    return f" (lignes {shown}{tail})"


def shortened(value: str) -> str:
    """The value on one line, cut where a person stops reading."""
    flat = " ".join(value.split())
    return flat if len(flat) <= VALUE_SHOWN else flat[: VALUE_SHOWN - 1] + "…"


def row_text(cells: Sequence[str | None]) -> str:
    """The cells of a row as one line of CSV, social security numbers masked."""
    line = io.StringIO()
    masked = [social_security.mask(cell or "") for cell in cells]
    csv.writer(line, lineterminator="").writerow(masked)
    return line.getvalue()
