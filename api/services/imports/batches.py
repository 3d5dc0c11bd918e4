"""Importing a file as one batch: look at it, apply it, take it back.

All of it in the one transaction of the caller, who commits: whatever fails, nothing has changed.
"""

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from types import ModuleType
from typing import Any

import polars as pl
from sqlmodel import Session

from api.files import formats
from api.services import errors, territories
from api.services.imports import people, practices, roll
from api.services.imports.plan import Conflict, Edit, File, Kind, Step, Tally
from api.services.stopwatch import Progress
from store import imports as rows
from store import journal, tables
from store.vault import Vault

PLANNERS: Mapping[Kind, ModuleType] = {Kind.PATIENTS: people, Kind.DOCTORS: practices}
FORMATS = {Kind.PATIENTS: formats.PATIENTS, Kind.DOCTORS: formats.DOCTORS}
NUMBERS = {Kind.PATIENTS: "patient_id", Kind.DOCTORS: "rpps"}

IN_ORDER = {
    Kind.PATIENTS: ("household", "patient"),
    Kind.DOCTORS: ("doctor", "practice", "capacity"),
}
"""The tables that files write, each after those it refers to."""

PURPOSE = "import"
"""In the journal."""

ID_BYTES = 16


@dataclass(frozen=True)
class Desk:
    """Who imports, when, and with which keys; `progress` is told how far it is."""

    vault: Vault
    actor: str
    now: datetime
    progress: Progress = lambda _phase, _share: None


@dataclass(frozen=True)
class Preview:
    """What a file would change, what forbids it, and when the same bytes were last applied."""

    tally: Tally
    conflicts: Sequence[Conflict]
    same_as: datetime | None


def conflicts(session: Session, file: File) -> Sequence[Conflict]:
    """The rows that cannot be recorded, in the order of the file.

    Raises `errors.UnknownTerritory`.
    """
    territories.demand(session, file.territory_id)
    found: list[Conflict] = PLANNERS[file.kind].conflicts(session, _completed(file))
    return sorted(found, key=lambda it: it.row)


def preview(session: Session, file: File, now: datetime) -> Preview:
    """What `apply` would do, without writing anything; rows in conflict are not counted.

    Raises `errors.UnknownTerritory`.
    """
    found = conflicts(session, file)
    kept = ~pl.int_range(file.frame.height, eager=True).is_in([it.row for it in found])
    sound = _completed(replace(file, frame=file.frame.filter(kept)))
    counted = _Count(PLANNERS[file.kind].standing(session, file))
    for step in PLANNERS[file.kind].steps(session, sound, now):
        counted.take(step)
    return Preview(counted.tally(), found, same_as(session, file))


def same_as(session: Session, file: File) -> datetime | None:
    """When the last import that was not undone was applied, if it was of the same bytes."""
    former = rows.last(session, file.kind, file.territory_id)
    same = former is not None and former.file_digest == file.digest
    return former.applied_at if former is not None and same else None


def apply(session: Session, file: File, desk: Desk) -> tuple[tables.ImportBatch, Tally]:
    """Write what the file says, and what it takes to undo that.

    The session must be one that writes (`session.writing_factory`).
    The journal gets one line for the batch: how many rows, which columns, never 200,000 lines. One
    line a patient would keep every other writer waiting behind the chain of marks, and bury the
    readings that the journal is for. Which patients a batch touched is not lost: the sealed roll of
    the batch names each, and the line names the batch (`touching` looks it up). Its fields are the
    columns of the file if somebody was added, those that changed otherwise.

    Raises `errors.UnknownTerritory`, and `errors.UnusableRows` if a row is in conflict.
    """
    session.flush()
    _refuse(file, conflicts(session, file))
    batch = tables.ImportBatch(
        id=secrets.token_hex(ID_BYTES),
        territory_id=file.territory_id,
        kind=file.kind,
        file_digest=file.digest,
        actor=desk.actor,
        applied_at=desk.now,
    )
    written, counted = roll.Writer(), _Count(PLANNERS[file.kind].standing(session, file))
    with session.begin_nested():
        # The rows are written behind the back of the session: it forgets what it knew of them.
        session.expire_all()
        for step in PLANNERS[file.kind].steps(session, _completed(file), desk.now):
            _write(session, file.kind, step.edits, written)
            counted.take(step)
            desk.progress("import", counted.seen / file.frame.height)
        tally = counted.tally()
        batch.former = written.sealed(desk.vault, batch.id)
        batch.counts = {name: n for name, n in asdict(tally).items() if name != "columns"}
        session.add(batch)
        fields = file.frame.columns if tally.added else list(tally.columns)
        _tell(session, desk, batch, ("imported", fields), tally.columns)
    return batch, tally


def undo(session: Session, kind: Kind, territory_id: str, desk: Desk) -> tables.ImportBatch:
    """Put back every row as it was before the last import of a kind that was not undone.

    The session must be one that writes. Raises `errors.UnknownTerritory`, `errors.NothingToUndo`
    if there is none or its former rows were forgotten, and `errors.ChangedSince` if something
    else has changed one of its rows since, or refers to it: then nothing is put back.
    """
    territories.demand(session, territory_id)
    session.flush()
    batch = rows.last(session, kind, territory_id)
    if batch is None or batch.former is None:
        raise errors.NothingToUndo(kind, territory_id)
    changed = sum(
        _changed(session, name, portion)
        for name in IN_ORDER[kind]
        for portion in _portions(batch, desk, name)
    )
    if changed:
        raise errors.ChangedSince(kind, changed)
    with session.begin_nested():
        session.expire_all()
        for name in reversed(IN_ORDER[kind]):
            # All the added ones first: some stand where a former one comes back.
            for put_back in (_take_out, _restore):
                for portion in _portions(batch, desk, name):
                    put_back(session, kind, name, portion)
        batch.undone_at = desk.now
        session.add(batch)
        # Which columns: the line of the import says it.
        _tell(session, desk, batch, ("undone", ()), {})
    return batch


def touching(session: Session, vault: Vault, table: str, key: rows.Key) -> Iterator[str]:
    """The batches that wrote a row, the first first: what the journal does not say line by line."""
    for batch in rows.batches(session):
        if any((line.table, line.key) == (table, key) for line in roll.lines(batch, vault)):
            yield batch.id


class _Count:
    """Adds up what the steps of a file come to."""

    def __init__(self, standing: int) -> None:
        self._standing = standing
        self.counts, self.columns = Counter[str](), Counter[str]()

    def take(self, step: Step) -> None:
        self.counts.update(step.counts)
        self.columns.update(step.columns)

    @property
    def seen(self) -> int:
        """Rows of the file so far."""
        return sum(self.counts[it] for it in ("added", "changed", "unchanged", "withheld"))

    def tally(self) -> Tally:
        """The sum; what stood in the store before and was not met is gone from the file."""
        counts = self.counts
        return Tally(
            added=counts["added"],
            changed=counts["changed"],
            unchanged=counts["unchanged"],
            gone=self._standing - counts["met"],
            withheld=counts["withheld"],
            without_commune=counts["without_commune"],
            columns=dict(self.columns.most_common()),
        )


def _completed(file: File) -> File:
    """The file with every column of its format; those that it lacks say nothing."""
    return replace(file, frame=formats.completed(file.frame, FORMATS[file.kind]))


def _refuse(file: File, found: Sequence[Conflict]) -> None:
    """Refuse the rows at fault in the way of the first one, by their numbers."""
    if found:
        fault, numbers = found[0].fault, file.frame[NUMBERS[file.kind]]
        ids = tuple(str(numbers[it.row]) for it in found if it.fault is fault)
        raise errors.UnusableRows(file.kind, fault, ids)


def _write(session: Session, kind: Kind, edits: Sequence[Edit], written: roll.Writer) -> None:
    """Write the edits of a step, table after table, and a line for each."""
    for name in IN_ORDER[kind]:
        mine = [it for it in edits if it.table == name]
        changed = [it for it in mine if it.was is not None]
        rows.change(session, name, [(it.key, it.now) for it in changed if it.key is not None])
        _add(session, name, [it for it in mine if it.was is None])
        keyed = [(it.key, it.was) for it in mine if it.key is not None]
        now = rows.found(session, name, [key for key, _ in keyed])
        for key, was in keyed:
            written.add(roll.Line(name, key, was, rows.digest(now[key])))


def _add(session: Session, name: str, added: Sequence[Edit]) -> None:
    rows.add(session, name, [it.now for it in added if it.key is not None])
    for edit in added:
        if edit.key is None:
            if edit.of is not None:
                edit.now["practice_id"] = edit.of.key
            edit.key = rows.add_one(session, name, edit.now)


def _portions(batch: tables.ImportBatch, desk: Desk, name: str) -> Iterator[Sequence[roll.Line]]:
    """The lines of a batch about one table, some at once."""
    read = roll.lines(batch, desk.vault)
    yield from rows.in_portions(it for it in read if it.table == name)


def _changed(session: Session, name: str, portion: Sequence[roll.Line]) -> int:
    """How many rows are no longer as the batch left them."""
    now = rows.found(session, name, [line.key for line in portion])
    left = (line.key in now and rows.digest(now[line.key]) == line.digest for line in portion)
    return len(portion) - sum(left)


def _take_out(session: Session, kind: Kind, name: str, portion: Sequence[roll.Line]) -> None:
    """The added rows are gone, unless something refers to them."""
    added = [line.key for line in portion if line.was is None]
    held = rows.referred_to(session, name, added)
    if held:
        raise errors.ChangedSince(kind, len(held))
    rows.remove(session, name, added)


def _restore(session: Session, _kind: Kind, name: str, portion: Sequence[roll.Line]) -> None:
    """The changed rows are as they were."""
    rows.change(session, name, [(line.key, line.was) for line in portion if line.was is not None])


def _tell(
    session: Session,
    desk: Desk,
    batch: tables.ImportBatch,
    said: tuple[str, Sequence[str]],
    columns: Mapping[str, int],
) -> None:
    """One line of the journal: what was done to the batch, which fields; never what they hold."""
    act, fields = said
    detail: dict[str, Any] = {
        "kind": str(batch.kind),
        "territory": batch.territory_id,
        "counts": batch.counts,
        "columns": dict(columns),
    }
    subject = f"import:{batch.id}"
    entry = journal.Entry(desk.now, desk.actor, act, subject, PURPOSE, fields, detail)
    journal.append(session, desk.vault, entry)
