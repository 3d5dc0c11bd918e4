"""What an import would do, row by row: what each kind of file plans and the batch writes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import polars as pl

from store import imports as rows

Row = Mapping[str, Any]
"""A row of a file by the names of its columns, None where it says nothing."""


class Kind(StrEnum):
    """Which file it is, by the formats of `api.files.formats`."""

    PATIENTS = "patients"
    DOCTORS = "doctors"


class Fault(StrEnum):
    """Why a row cannot be recorded."""

    REPEATED = "repeated"
    """The number stands in the file before."""
    NO_PLACE = "no_place"
    UNKNOWN_COMMUNE = "unknown_commune"
    """The row has no place but a commune that the store does not know."""
    HOUSEHOLD_ELSEWHERE = "household_elsewhere"
    """The household is recorded in another territory."""
    SEVERAL_PRACTICES = "several_practices"
    """The doctor has several practices in the territory, and none where the row says."""


@dataclass(frozen=True)
class File:
    """A file that was read: whose rows, and the digest of its bytes (hexadecimal)."""

    kind: Kind
    territory_id: str
    frame: pl.DataFrame
    digest: str


@dataclass(frozen=True)
class Conflict:
    """A row (0-based in the frame) that contradicts the store or a row before, and its column."""

    row: int
    column: str
    fault: Fault


@dataclass
class Edit:
    """A row of the store to add (`was` is None) or to change.

    `now` holds every column of a row to add, and the columns that change of one to change; `was`
    what these held. `key` is None while the database has not drawn it; a row that belongs to such
    a one says so by `of`, and finds the key there.
    """

    table: str
    now: rows.Values
    key: rows.Key | None = None
    was: rows.Values | None = None
    of: "Edit | None" = None


@dataclass
class Step:
    """What some rows of a file come to."""

    edits: list[Edit] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """Rows of the file by what becomes of them: see `Tally`."""
    columns: Counter[str] = field(default_factory=Counter)
    """In how many changed rows each column changes."""

    def count(self, *, added: bool, columns: Iterable[str]) -> None:
        """One more row of the file, added or with these columns changed."""
        changed = set(columns)
        if added:
            self.counts["added"] += 1
        elif changed:
            self.counts["changed"] += 1
            self.columns.update(changed)
        else:
            self.counts["unchanged"] += 1


@dataclass(frozen=True)
class Tally:
    """What a file changes, in rows."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    """In the store and not in the file: nothing is done to them."""
    withheld: int = 0
    """Of patients who objected, or were made anonymous: the file changes nothing of theirs."""
    without_commune: int = 0
    """Placed by their coordinates, in a commune that the store does not know."""
    columns: Mapping[str, int] = field(default_factory=dict)
    """In how many changed rows each column changes, the most changed first."""


def differing(known: Row, said: Row) -> rows.Values:
    """The values said that are not those known."""
    return {name: value for name, value in said.items() if known[name] != value}


def an_edit(table: str, known: rows.Values, said: Row) -> Edit | None:
    """The change of a known row to what is said; None if it says so already."""
    now = differing(known, said)
    if not now:
        return None
    was = {name: known[name] for name in now}
    return Edit(table, now, known[rows.key_of(table)], was)


def repeated(frame: pl.DataFrame, column: str) -> list[Conflict]:
    """Rows whose number stands in a row before."""
    again = ~frame[column].is_first_distinct()
    return [Conflict(int(row), column, Fault.REPEATED) for row in again.arg_true()]
