"""From files to files: what `releve match` and `releve roster` do, without a word.

A run reads everything first. If anything is refused, only `rejects.csv` is written, unless the
caller accepts the rest; otherwise the results are put into place all at once.
"""

import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import matcher
from api.files import errors, formats, outcome, writing
from api.files.rules import Places
from api.files.table import Table, set_aside
from api.services import matching, roster
from api.services.stopwatch import Progress
from scheduler.check import Disagreement as RosterDisagreement

DISAGREEMENT_FILE = "disagreement.pickle"

Remarks = Callable[[Sequence[outcome.Remark]], None]


class Refused(Exception):
    """Something in the files cannot be accepted; `rejects.csv` in `directory` has it all."""

    def __init__(self, rejects: Sequence[outcome.Reject], directory: Path) -> None:
        super().__init__(f"{len(rejects)} rejects")
        self.rejects, self.directory = tuple(rejects), directory


class Unproven(Exception):
    """The recount contradicts the solver: a bug of ours, whose instance is kept in `file`."""

    def __init__(self, file: Path) -> None:
        super().__init__(str(file))
        self.file = file


@dataclass(frozen=True)
class Desk:
    """Where results go, what to do with bad rows, and who is told of doubts and progress."""

    out: Path
    accept_partial: bool = False
    remarks: Remarks = lambda _remarks: None
    progress: Progress | None = None


@dataclass(frozen=True)
class MatchFiles:
    """The files of a round of matching; `places` gives the coordinates of known communes."""

    patients: Path
    doctors: Path
    places: Places | None = None


@dataclass(frozen=True)
class RosterFiles:
    """The files of a roster; `published` is a former `roster.csv`."""

    slots: Path
    doctors: Path
    availability: Path
    published: Path | None = None


def match(files: MatchFiles, options: matching.MatchOptions, desk: Desk) -> matching.MatchRun:
    """Read, match, write. Raises Refused, Unproven, OutputRefused, ValueError."""
    writing.check_directory(desk.out)
    intake = _read(
        {
            "patients": lambda: formats.read_patients(
                files.patients, known_communes=files.places, day=options.day
            ),
            "doctors": lambda: formats.read_doctors(
                files.doctors, known_communes=files.places, day=options.day
            ),
        }
    )
    rejects = intake.settle(desk)
    try:
        run = matching.run(
            intake.frame("patients"), intake.frame("doctors"), options, progress=desk.progress
        )
    except matcher.Disagreement as bug:
        raise Unproven(_kept(desk.out, bug)) from bug
    tables = {"proposals": run.proposals, "waiting": run.waiting, "doctors": run.doctors}
    _write(desk.out, tables, run.summary, rejects)
    return run


def fill(files: RosterFiles, options: roster.RosterOptions, desk: Desk) -> roster.RosterRun:
    """Read, fill, write. Raises Refused, Unproven, OutputRefused, ValueError."""
    writing.check_directory(desk.out)
    readers = {
        "slots": lambda: formats.read_slots(files.slots),
        "doctors": lambda: formats.read_duty_doctors(files.doctors),
        "availability": lambda: formats.read_availability(files.availability),
    }
    former = files.published
    if former is not None:
        readers["published"] = lambda: formats.read_published(former)
    intake = _read(readers)
    if not intake.unreadable:
        strangers = roster.cross_check(
            intake.frame("slots"), intake.frame("doctors"), intake.frame("availability")
        )
        intake.tables["availability"] = set_aside(intake.tables["availability"], strangers)
    rejects = intake.settle(desk)
    try:
        run = roster.run(
            intake.frame("slots"),
            intake.frame("doctors"),
            intake.frame("availability"),
            intake.frame("published") if former is not None else None,
            options,
            progress=desk.progress,
        )
    except RosterDisagreement as bug:
        raise Unproven(_kept(desk.out, bug)) from bug
    tables = {"roster": run.roster, "holes": run.holes, "fairness": run.fairness}
    _write(desk.out, tables, run.summary, rejects)
    return run


@dataclass
class _Intake:
    """The tables that could be read, and the refusals of the files that could not."""

    tables: dict[str, Table]
    unreadable: list[outcome.Reject]

    def frame(self, name: str) -> pl.DataFrame:
        return self.tables[name].frame

    def settle(self, desk: Desk) -> list[outcome.Reject]:
        """Tell the doubts; give the rejects that are accepted, or write them and refuse."""
        desk.remarks([remark for table in self.tables.values() for remark in table.warnings])
        rejects = [reject for table in self.tables.values() for reject in table.rejects]
        if self.unreadable or (rejects and not desk.accept_partial):
            everything = [*self.unreadable, *rejects]
            writing.write_rejects(desk.out, everything)
            raise Refused(everything, desk.out)
        return rejects


def _read(readers: Mapping[str, Callable[[], Table]]) -> _Intake:
    """Read every file, so that one run tells all there is to mend."""
    intake = _Intake({}, [])
    for name, read in readers.items():
        try:
            intake.tables[name] = read()
        except errors.FileRefused as refused:
            intake.unreadable.extend(refused.rejects)
    return intake


def _write(
    out: Path,
    tables: Mapping[str, pl.DataFrame],
    summary: Mapping[str, object],
    rejects: Sequence[outcome.Reject],
) -> None:
    content = {f"{name}.csv": frame_bytes(frame) for name, frame in tables.items()}
    content["summary.json"] = writing.json_bytes(summary)
    if rejects:
        content[writing.REJECTS_FILE] = writing.rejects_bytes(rejects)
    writing.write_outputs(out, content)


def frame_bytes(frame: pl.DataFrame) -> bytes:
    """A data frame as a CSV file of ours."""
    return writing.csv_bytes(frame.columns, frame.iter_rows())


def _kept(out: Path, bug: Exception) -> Path:
    """Keep on this disk, for whoever mends it, the instance on which check and solver disagree."""
    writing.write_outputs(out, {DISAGREEMENT_FILE: pickle.dumps(vars(bug))})
    return out / DISAGREEMENT_FILE
