"""From a file to the store: what `releve import` does, without a word.

The file is read and compared with the store before anything is written. If a row is refused, by
its own cells or by what the store says, `rejects.csv` has it and nothing is applied, unless the
caller accepts the rest.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from api.files import errors, formats, outcome, writing
from api.files.table import Table, set_aside
from api.services import imports
from store.session import Session

READERS = {
    imports.Kind.PATIENTS: formats.read_patients,
    imports.Kind.DOCTORS: formats.read_doctors,
}

REASONS = {
    imports.Fault.REPEATED: "est déjà plus haut dans le fichier",
    imports.Fault.NO_PLACE: "lieu absent ; donnez latitude et longitude, ou code_insee",
    imports.Fault.UNKNOWN_COMMUNE: (
        "est une commune inconnue ici ; donnez plutôt latitude et longitude"
    ),
    imports.Fault.HOUSEHOLD_ELSEWHERE: "est un foyer d'un autre territoire",
    imports.Fault.SEVERAL_PRACTICES: (
        "a plusieurs cabinets dans ce territoire, dont aucun à ce lieu ; "
        "donnez le lieu de l'un d'eux"
    ),
}
"""What the store has against a row, after the quoted value."""


class Refused(Exception):
    """Rows cannot be accepted; `rejects.csv` in `directory` has them all."""

    def __init__(self, rejects: Sequence[outcome.Reject], directory: Path) -> None:
        super().__init__(f"{len(rejects)} rejects")
        self.rejects, self.directory = tuple(rejects), directory


@dataclass(frozen=True)
class Given:
    """A file as it was given: which kind, where it is, for which territory, on which day."""

    kind: imports.Kind
    path: Path
    territory_id: str
    day: date


@dataclass(frozen=True)
class Taken:
    """The rows of a file that can be recorded, what is doubtful, and what was set aside."""

    file: imports.File
    remarks: Sequence[outcome.Remark]
    rejects: Sequence[outcome.Reject]


def take(session: Session, given: Given, out: Path, *, accept_partial: bool) -> Taken:
    """Read a file and compare it with the store; nothing is written but `rejects.csv`.

    Raises Refused, OutputRefused, and `errors.UnknownTerritory` of the services.
    """
    writing.check_directory(out)
    try:
        read = READERS[given.kind](given.path, day=given.day)
    except errors.FileRefused as unreadable:
        raise _refused(unreadable.rejects, out) from None
    file = imports.File(given.kind, given.territory_id, read.frame, _digest(given.path))
    found = imports.conflicts(session, file)
    kept = set_aside(read, [_fault(read, conflict) for conflict in found])
    if kept.rejects and not accept_partial:
        raise _refused(kept.rejects, out)
    if kept.rejects:
        writing.write_rejects(out, kept.rejects)
    return Taken(replace(file, frame=kept.frame), kept.warnings, kept.rejects)


def _refused(rejects: Sequence[outcome.Reject], out: Path) -> Refused:
    writing.write_rejects(out, rejects)
    return Refused(rejects, out)


def _fault(read: Table, conflict: imports.Conflict) -> outcome.Fault:
    value = read.frame[conflict.column][conflict.row]
    return outcome.Fault(conflict.row, conflict.column, value or "", REASONS[conflict.fault])


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
