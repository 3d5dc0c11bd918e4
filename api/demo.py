"""The demonstration: invented people on real communes, computed, published, written to a folder.

Greater Nancy is matched and Metz gets its roster, side by side, from files to files, as a
coordinator would do it. What was found is published in a SQLite store, and the site and the files
show what is there.
"""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from api import rounds
from api.files import calendars, formats, geojson, writing
from api.pages import rendering
from api.services import (
    access,
    figures,
    listing,
    matching,
    publication,
    record,
    roster,
    showcase,
)
from api.services.entry import Door
from api.settings import Settings
from fixtures import communes, metz, nancy
from fixtures import writing as invented
from store import parameters, tables
from store import session as stores

DATABASE = "releve.sqlite3"
ZONE = ZoneInfo("Europe/Paris")
NANCY = tables.Territory(id="nancy", name="Métropole du Grand Nancy", timezone=ZONE.key)
METZ = tables.Territory(id="metz", name="Metz Métropole", timezone=ZONE.key)
DEPARTEMENT = "54"
SHOWN_OF_SUMMARY = ("gap", "seed", "versions")
"""What is published of a summary: nothing that could give a hidden count away."""

LISTING = (
    "rpps", "family_name", "given_name", "code_insee", "commune_name", "places", "min_age",
    "max_age", "wheelchair", "languages", "home_visit_minutes", "confirmed_on",
)  # fmt: skip
COMMUNES = (
    "code_insee", "name", "patients", "proposed", "waiting", "accepting_doctors", "places_open",
)  # fmt: skip

Tell = Callable[[str, str, float], None]
"""Told a line of work, the phase it begins and the share done."""


class NoDemo(Exception):
    """There is no demonstration in this folder; the message says how to make one."""


@dataclass(frozen=True)
class Demo:
    """What was made: both runs, and the names of the files beside their folders."""

    match: matching.MatchRun
    roster: roster.RosterRun
    files: tuple[str, ...]


@dataclass(frozen=True)
class _Inputs:
    """The input files, read back as anybody's files would be."""

    folder: Path
    day: date
    seed: int

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.csv"

    def digest(self, *names: str) -> str:
        content = b"".join(self.path(name).read_bytes() for name in names)
        return hashlib.sha256(content).hexdigest()


def database_url(folder: Path) -> str:
    """The address of the store of a demonstration. Raises NoDemo."""
    file = folder / DATABASE
    if not file.is_file():
        raise NoDemo(f"Il n'y a pas de démonstration dans {folder} : lancez d'abord « make demo ».")
    return f"sqlite:///{file}"


def make(out: Path, *, seed: int, day: date, now: datetime, tell: Tell) -> Demo:
    """Invent, match, fill, publish, write. Raises what the runs and the writing raise."""
    writing.check_directory(out)
    tell("Territoire inventé", "Nancy et Metz", 0.0)
    inputs = _Inputs(out / "input", day, seed)
    invented.write(inputs.folder, nancy.generate(seed, day), metz.generate(seed, day))
    tell("Territoire inventé", "done", 1.0)
    # Side by side: the solvers let go of Python's lock while they work.
    with ThreadPoolExecutor(max_workers=2) as pool:
        matched = pool.submit(_match, inputs, out / "match", partial(tell, "Appariement"))
        filled = pool.submit(_fill, inputs, out / "roster", partial(tell, "Tableau de garde"))
        match, duties = matched.result(), filled.result()
    tell("Publication", "base et fichiers", 0.0)
    files = _publish(out, _Results(inputs, match, duties, _published(inputs, match)), now)
    tell("Publication", "done", 1.0)
    return Demo(match, duties, files)


def _match(inputs: _Inputs, out: Path, progress: Callable[[str, float], None]) -> matching.MatchRun:
    files = rounds.MatchFiles(inputs.path("patients"), inputs.path("doctors"), known_places())
    options = matching.MatchOptions(day=inputs.day, seed=inputs.seed, territory=DEPARTEMENT)
    return rounds.match(files, options, rounds.Desk(out, progress=progress))


def _fill(inputs: _Inputs, out: Path, progress: Callable[[str, float], None]) -> roster.RosterRun:
    names = ("slots", "duty_doctors", "availability")
    files = rounds.RosterFiles(*(inputs.path(name) for name in names))
    options = roster.RosterOptions(seed=inputs.seed, timezone=ZONE.key)
    return rounds.fill(files, options, rounds.Desk(out, progress=progress))


def known_places() -> dict[str, tuple[float, float]]:
    """Coordinates of the communes whose facts are shipped, by INSEE code."""
    return {it.code_insee: (it.latitude, it.longitude) for it in communes.load()}


@dataclass(frozen=True)
class _Frames:
    """The tables that are published, typed."""

    doctors: pl.DataFrame
    sites: pl.DataFrame
    slots: pl.DataFrame
    duty_doctors: pl.DataFrame
    figures: figures.Figures


def _published(inputs: _Inputs, match: matching.MatchRun) -> _Frames:
    places = known_places()
    patients = formats.read_patients(inputs.path("patients"), known_communes=places).frame
    doctors = formats.read_doctors(inputs.path("doctors"), known_communes=places).frame
    threshold = parameters.at("small_count_threshold", inputs.day)
    counts = figures.by_commune(
        patients, match.proposals["patient_id"].to_list(), doctors, _centres()
    )
    return _Frames(
        doctors,
        formats.read_sites(inputs.path("sites"), known_communes=places).frame,
        formats.read_slots(inputs.path("slots")).frame,
        formats.read_duty_doctors(inputs.path("duty_doctors")).frame,
        figures.suppress(counts, threshold),
    )


def _centres() -> pl.DataFrame:
    return pl.DataFrame([asdict(commune) for commune in communes.load()])


@dataclass(frozen=True)
class _Results:
    """Everything that is known when publication begins."""

    inputs: _Inputs
    match: matching.MatchRun
    duties: roster.RosterRun
    shown: _Frames


def _publish(out: Path, results: _Results, now: datetime) -> tuple[str, ...]:
    inputs, match, duties, shown = vars(results).values()
    match_run = _run("matching", inputs, match.summary, match.digest, now)
    digest = inputs.digest("slots", "duty_doctors", "availability")
    roster_run = _run("roster", inputs, duties.summary, digest, now)
    fresh = out / f".{DATABASE}.new"
    fresh.unlink(missing_ok=True)
    accepting = _record(fresh, shown, match_run, roster_run, duties)
    content = {
        **_listings(shown, accepting, inputs.day),
        **_roster_files(shown, duties, inputs, _note(inputs, duties.summary)),
        "carte.html": _map(shown, _note(inputs, match.summary)),
        "communes.geojson": geojson.communes(_points(shown)).encode(),
    }
    writing.write_outputs(out, content)
    rendering.write_assets(out / "assets")
    os.replace(fresh, out / DATABASE)
    beside = tuple(name for name in content if "/" not in name)
    return (*beside, "ics/", "input/", "match/", "roster/", DATABASE)


def _run(
    kind: str, inputs: _Inputs, summary: dict[str, Any], digest: str, now: datetime
) -> tables.Run:
    return tables.Run(
        kind=kind,
        day=inputs.day,
        seed=inputs.seed,
        status=summary["status"],
        summary={name: summary[name] for name in SHOWN_OF_SUMMARY},
        problem_digest=digest,
        finished_at=now,
    )


def _note(inputs: _Inputs, summary: dict[str, Any]) -> rendering.RunNote:
    return rendering.RunNote(inputs.day, inputs.seed, summary["status"], summary)


def _record(
    file: Path,
    shown: _Frames,
    match_run: tables.Run,
    roster_run: tables.Run,
    duties: roster.RosterRun,
) -> tuple[listing.AcceptingDoctor, ...]:
    """Fill a new store, and read from it the listing that its site will show."""
    url = f"sqlite:///{file}"
    stores.migrate(url)
    engine = stores.open_engine(url)
    with stores.writing_factory(engine)() as session:
        for territory in (NANCY, METZ):
            record.record_territory(session, communes.load(), territory.model_copy())
        record.record_doctors(session, shown.doctors)
        record.record_matching(session, match_run, shown.figures)
        record.record_roster(
            session,
            roster_run,
            sites=shown.sites,
            slots=shown.slots,
            doctors=shown.duty_doctors,
            roster=duties.roster,
            territory_id=METZ.id,
        )
        opened = _midnight(match_run.day)
        door = Door(session, Settings(demo=True).vault, opened, demo=True)
        showcase.open_accounts(door, METZ.id)
        session.commit()
        accepting = listing.accepting_doctors(session, access.DESK, roster_run.finished_at)
    engine.dispose()
    return tuple(accepting)


def _listings(
    shown: _Frames, accepting: tuple[listing.AcceptingDoctor, ...], day: date
) -> dict[str, bytes]:
    """The listing of doctors for the insurer, and the patients by commune, small counts hidden."""
    rows = [[getattr(doctor, name) for name in LISTING] for doctor in accepting]
    names = {commune.code_insee: commune.name for commune in communes.load()}
    counts = [
        [it.code_insee, names[it.code_insee], *(getattr(it, name) for name in COMMUNES[2:])]
        for it in shown.figures.communes
    ]
    totals = ["", "total", *(getattr(shown.figures.totals, name) for name in COMMUNES[2:])]
    title = f"Médecins au {day.isoformat()}"
    return {
        "listing-cpam.csv": writing.csv_bytes(LISTING, rows),
        "listing-cpam.xlsx": writing.xlsx_bytes(title, LISTING, rows, created=_midnight(day)),
        "patients-communes.csv": writing.csv_bytes(COMMUNES, [*counts, totals]),
    }


def _midnight(day: date) -> datetime:
    """The only instant inside the files: the same day and seed give the same bytes."""
    return datetime.combine(day, time(), UTC)


def _roster_files(
    shown: _Frames, duties: roster.RosterRun, inputs: _Inputs, note: rendering.RunNote
) -> dict[str, bytes]:
    edition = calendars.Edition(_midnight(inputs.day))
    parts = (duties.roster, shown.slots, shown.sites, shown.duty_doctors, edition)
    agendas = calendars.doctor_calendars(*parts) | calendars.site_calendars(*parts)
    names = publication.read_names(shown.duty_doctors)
    shifts = publication.read_shifts(duties.roster, shown.slots, names, ZONE)
    page = rendering.RosterFile(
        METZ.name,
        note,
        publication.weeks(shifts, publication.read_places(shown.sites)),
        publication.read_loads(duties.fairness, shown.duty_doctors),
        demo=True,
    )
    return {
        "roster.csv": rounds.frame_bytes(duties.roster),
        "roster.html": rendering.roster_file(page).encode(),
        **{f"ics/{name}": content for name, content in agendas.items()},
    }


def _points(shown: _Frames) -> tuple[geojson.CommunePoint, ...]:
    return publication.points(shown.figures, _centres())


def _map(shown: _Frames, note: rendering.RunNote) -> bytes:
    page = rendering.MapFile(NANCY.name, note, _points(shown), shown.figures.totals, demo=True)
    return rendering.map_file(page).encode()
