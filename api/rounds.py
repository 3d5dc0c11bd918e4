"""From files to files: what `releve match` and `releve roster` do, without a word; and what
is asked of the files of a round.

A run reads everything first. If anything is refused, only `rejects.csv` is written, unless the
caller accepts the rest; otherwise the results are put into place all at once. A question writes
nothing, unless it is given a folder.
"""

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import polars as pl

import matcher
from api.files import errors, formats, outcome, picture, writing
from api.files.rules import Places
from api.files.table import Table, grouped_remarks, set_aside
from api.services import (
    explanation,
    ledger,
    matching,
    roster,
    roster_explanation,
    roster_picture,
    roster_repair,
    what_if,
)
from api.services.stopwatch import Progress
from scheduler import events
from scheduler.check import Disagreement as RosterDisagreement

DISAGREEMENT_FILE, SUMMARY_FILE = "disagreement.pickle", "summary.json"
TABLES = (
    *("proposals", "waiting", "doctors", "communes"),
    *("roster", "changes", "holes", "fairness", "ledger", "standings"),
)
RESULT_FILES = {*(f"{name}.csv" for name in TABLES), SUMMARY_FILE, writing.REJECTS_FILE}

PICTURES: Mapping[str, Callable[[str], bytes]] = {".svg": str.encode, ".png": picture.png}
"""How a drawing is written, by the ending of its file."""

Remarks = Callable[[Sequence[outcome.Remark]], None]


class Refused(Exception):
    """Something in the files cannot be accepted; `rejects.csv` in `directory` has it all, unless
    that is None."""

    def __init__(self, rejects: Sequence[outcome.Reject], directory: Path | None) -> None:
        super().__init__(f"{len(rejects)} rejects")
        self.rejects, self.directory = tuple(rejects), directory


class Unproven(Exception):
    """The recount contradicts the solver: a bug of ours, whose instance is kept in `file`, if there
    is one."""

    def __init__(self, file: Path | None) -> None:
        super().__init__(str(file))
        self.file = file


@dataclass(frozen=True)
class Desk:
    """Where results go (None: nowhere), what to do with bad rows, and who is told of doubts and
    progress."""

    out: Path | None
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
    """The files of a roster; `published` and `ledger` are a `roster.csv` and a `ledger.csv` of
    before, `travel` the ways between sites. `plot` is where its picture goes, if anywhere."""

    slots: Path
    doctors: Path
    availability: Path
    published: Path | None = None
    ledger: Path | None = None
    travel: Path | None = None
    plot: Path | None = None


def match(files: MatchFiles, options: matching.MatchOptions, desk: Desk) -> matching.MatchRun:
    """Read, match, write. Raises Refused, Unproven, OutputRefused, ValueError."""
    intake = _of_a_round(files, options, desk)
    rejects = intake.settle(desk)
    with _proven(desk):
        run = matching.run(*intake.round, options, progress=desk.progress)
    tables = {"proposals": run.proposals, "waiting": run.waiting, "doctors": run.doctors}
    _write(desk, tables, {SUMMARY_FILE: writing.json_bytes(run.summary)}, rejects)
    return run


def explain(
    files: MatchFiles, patient_id: str, options: matching.MatchOptions, desk: Desk
) -> explanation.Explanation:
    """Read, match, tell the story of one patient. Raises what `match` raises, UnknownPatient."""
    intake = _of_a_round(files, options, desk)
    intake.settle(desk)
    with _proven(desk):
        return explanation.explain(
            *intake.round, options, patient_id, progress=desk.progress or _silent
        )


def suppose(
    files: MatchFiles,
    events: Sequence[what_if.Event],
    options: matching.MatchOptions,
    desk: Desk,
) -> what_if.WhatIf:
    """Read, match, match again after some events. Raises what `match` raises, NoSuchDoctor."""
    intake = _of_a_round(files, options, desk)
    intake.settle(desk)
    with _proven(desk):
        return what_if.what_if(*intake.round, options, events, progress=desk.progress or _silent)


def rank(
    files: MatchFiles, practices: what_if.Practices, options: matching.MatchOptions, desk: Desk
) -> tuple[what_if.CommuneWorth, ...]:
    """Read, match, rank communes; write `communes.csv` if there is a folder for it.

    Raises what `match` raises.
    """
    intake = _of_a_round(files, options, desk)
    rejects = intake.settle(desk)
    with _proven(desk):
        ranked = what_if.rank(*intake.round, options, practices, progress=desk.progress or _silent)
    _write(desk, {"communes": what_if.table(ranked)}, {}, rejects)
    return ranked


def fill(files: RosterFiles, options: roster.RosterOptions, desk: Desk) -> roster.RosterRun:
    """Read, fill, write. Raises Refused, Unproven, OutputRefused, ValueError."""
    intake = _of_a_roster(files, desk)
    if files.plot is not None:
        writing.check_directory(files.plot.parent)
    rejects = intake.settle(desk)
    with _proven(desk):
        run = roster.run(
            intake.frame("slots"),
            intake.frame("doctors"),
            intake.frame("availability"),
            intake.given("published"),
            intake.with_ways(options),
            former=intake.given("ledger"),
            progress=desk.progress,
        )
    tables = {"roster": run.roster, "holes": run.holes, "fairness": run.fairness}
    tables["ledger"] = run.ledger
    _write(desk, tables, {SUMMARY_FILE: writing.json_bytes(run.summary)}, rejects)
    if files.plot is not None:
        slots, doctors = intake.frame("slots"), intake.frame("doctors")
        drawn = roster_picture.drawn(slots, doctors, run.fairness, run.holes, options.timezone)
        writing.write_file(files.plot, PICTURES[files.plot.suffix.lower()](drawn))
    return run


def repair(
    files: RosterFiles,
    happened: Sequence[events.Event],
    now: datetime,
    options: roster.RosterOptions,
    desk: Desk,
) -> roster_repair.RepairRun:
    """Read, repair, write. Raises what `fill` raises, and events.CannotApply."""
    intake = _of_a_roster(files, desk)
    rejects = intake.settle(desk)
    with _proven(desk):
        run = roster_repair.run(
            intake.published_roster,
            happened,
            now,
            intake.with_ways(options),
            progress=desk.progress,
        )
    tables = {"roster": run.roster, "changes": run.changes, "holes": run.holes}
    tables |= {"fairness": run.fairness, "ledger": run.ledger}
    _write(desk, tables, {SUMMARY_FILE: writing.json_bytes(run.summary)}, rejects)
    return run


def explain_roster(
    files: RosterFiles,
    subject: roster_explanation.Subject,
    now: datetime,
    options: roster.RosterOptions,
    desk: Desk,
) -> roster_explanation.RosterExplanation:
    """Read, and answer for a published roster. Raises what `fill` raises, UnknownSubject."""
    intake = _of_a_roster(files, desk)
    intake.settle(desk)
    with _proven(desk):
        return roster_explanation.explain(
            intake.published_roster,
            subject,
            now,
            intake.with_ways(options),
            progress=desk.progress or _silent,
        )


def standings(
    entries: Path, doctors: Path, options: ledger.StandingsOptions, desk: Desk
) -> pl.DataFrame:
    """Read a ledger; write `standings.csv` if there is a folder for it.

    Raises Refused, OutputRefused, ValueError.
    """
    _check(desk, entries, doctors)
    intake = _read(
        {
            "ledger": partial(formats.read_ledger, entries),
            "doctors": partial(formats.read_duty_doctors, doctors),
        }
    )
    rejects = intake.settle(desk)
    found = ledger.standings(intake.frame("ledger"), intake.frame("doctors"), options)
    _write(desk, {"standings": found}, {}, rejects)
    return found


@dataclass
class _Intake:
    """The tables that could be read, and the refusals of the files that could not."""

    tables: dict[str, Table]
    unreadable: list[outcome.Reject]

    def frame(self, name: str) -> pl.DataFrame:
        return self.tables[name].frame

    def given(self, name: str) -> pl.DataFrame | None:
        """The frame of a file that need not be given."""
        return self.frame(name) if name in self.tables else None

    @property
    def round(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        return self.frame("patients"), self.frame("doctors")

    @property
    def published_roster(self) -> roster_repair.RosterFrames:
        return roster_repair.RosterFrames(
            slots=self.frame("slots"),
            doctors=self.frame("doctors"),
            availability=self.frame("availability"),
            published=self.frame("published"),
            former=self.given("ledger"),
        )

    def with_ways(self, options: roster.RosterOptions) -> roster.RosterOptions:
        """The options, and the ways between sites if a file tells them."""
        ways = self.given("travel")
        return options if ways is None else replace(options, travel_seconds=roster.ways(ways))

    def settle(self, desk: Desk) -> list[outcome.Reject]:
        """Tell the doubts; give the rejects that are accepted, or write them and refuse."""
        desk.remarks([remark for table in self.tables.values() for remark in table.warnings])
        rejects = [reject for table in self.tables.values() for reject in table.rejects]
        if self.unreadable or (rejects and not desk.accept_partial):
            everything = [*self.unreadable, *rejects]
            if desk.out is not None:
                writing.write_rejects(desk.out, everything)
            raise Refused(everything, desk.out)
        return rejects


def _of_a_round(files: MatchFiles, options: matching.MatchOptions, desk: Desk) -> _Intake:
    _check(desk, files.patients, files.doctors)
    readers = {"patients": formats.read_patients, "doctors": formats.read_doctors}
    paths = {"patients": files.patients, "doctors": files.doctors}
    return _read(
        {
            name: partial(read, paths[name], known_communes=files.places, day=options.day)
            for name, read in readers.items()
        }
    )


def _of_a_roster(files: RosterFiles, desk: Desk) -> _Intake:
    """Read; availability that names nobody or nothing known is set aside."""
    given = (files.slots, files.doctors, files.availability, files.published, files.ledger)
    _check(desk, *filter(None, (*given, files.travel)))
    readers = {
        "slots": lambda: formats.read_slots(files.slots),
        "doctors": lambda: formats.read_duty_doctors(files.doctors),
        "availability": lambda: formats.read_availability(files.availability),
    }
    if files.published is not None:
        readers["published"] = partial(formats.read_published, files.published)
    if files.ledger is not None:
        readers["ledger"] = partial(formats.read_ledger, files.ledger)
    if files.travel is not None:
        readers["travel"] = partial(formats.read_travel, files.travel)
    intake = _read(readers)
    if not intake.unreadable:
        strangers = roster.cross_check(
            intake.frame("slots"), intake.frame("doctors"), intake.frame("availability")
        )
        intake.tables["availability"] = set_aside(intake.tables["availability"], strangers)
        if files.travel is not None:
            ways = intake.tables["travel"]
            doubts = roster.doubtful_ways(ways.frame, intake.frame("slots"))
            ways.warnings.extend(grouped_remarks(ways, doubts))
    return intake


def _check(desk: Desk, *given: Path) -> None:
    """Refuse results that could not be written, or that would replace a file given."""
    if desk.out is None:
        return
    writing.check_directory(desk.out)
    for file in given:
        if file.name in RESULT_FILES and file.resolve().parent == desk.out.resolve():
            reason = f"un résultat y remplacerait votre fichier {file.name} ; choisissez un autre"
            raise errors.OutputRefused(desk.out, f"{reason} dossier")


def _silent(_phase: str, _share: float) -> None:
    """Tell nobody."""


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
    desk: Desk,
    tables: Mapping[str, pl.DataFrame],
    others: Mapping[str, bytes],
    rejects: Sequence[outcome.Reject],
) -> None:
    if desk.out is None:
        return
    content = {f"{name}.csv": frame_bytes(frame) for name, frame in tables.items()} | dict(others)
    if rejects:
        content[writing.REJECTS_FILE] = writing.rejects_bytes(rejects)
    writing.write_outputs(desk.out, content)


def frame_bytes(frame: pl.DataFrame) -> bytes:
    """A data frame as a CSV file of ours."""
    return writing.csv_bytes(frame.columns, frame.iter_rows())


@contextmanager
def _proven(desk: Desk) -> Iterator[None]:
    """A contradiction of our own check is told as such, its instance kept where results go."""
    try:
        yield
    except (matcher.Unproven, matcher.Disagreement, RosterDisagreement) as bug:
        raise Unproven(None if desk.out is None else _kept(desk.out, bug)) from bug


def _kept(out: Path, bug: Exception) -> Path:
    """Keep on this disk, for whoever mends it, the instance on which check and solver disagree."""
    writing.write_outputs(out, {DISAGREEMENT_FILE: pickle.dumps(vars(bug))})
    return out / DISAGREEMENT_FILE
