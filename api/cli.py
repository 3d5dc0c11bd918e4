"""The commands: each parses, makes one call, and prints a short account in French.

Exit status: 0 done, 2 something given cannot be accepted (a file, an option, a folder, a setting),
1 a bug of ours.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import pydantic
import typer
import uvicorn
from rich.console import Console
from rich.markup import escape

import matcher
from api import demo, jobs, rounds, terminal
from api.app import create_app
from api.files import columns, errors, outcome
from api.services import matching, roster
from api.settings import Settings
from store import parameters, session

REFUSED, BUG = 2, 1
SHOWN = 20
"""Sentences printed before the reader is sent to `rejects.csv`."""

LIMITS = {
    "seed": (0, 2**31 - 1),
    "radius_km": (0.1, 20_000),
    "speed_kmh": (1, 1_000),
    "detour": (1, 10),
    "rest_days": (0, 366),
}
"""Lowest and highest value of the options that are numbers: beyond, seconds mean nothing."""

app = typer.Typer(
    help="Relève : des médecins traitants pour qui n'en a pas, des médecins pour les gardes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
out_console = Console()
err_console = Console(stderr=True)

InputFile = Annotated[Path, typer.Option(help="Fichier CSV (UTF-8) ou XLSX.")]
OutFolder = Annotated[Path, typer.Option(help="Dossier des résultats ; créé s'il n'existe pas.")]
Seed = Annotated[int, typer.Option(help="Graine des tirages au sort entre égaux.")]
Day = Annotated[
    str | None,
    typer.Option("--date", help="Jour de référence, AAAA-MM-JJ ; aujourd'hui sinon."),
]
Partial = Annotated[
    bool, typer.Option("--accept-partial", help="Continuer sans les lignes refusées.")
]


@app.command("match")
def match(
    patients: InputFile,
    doctors: InputFile,
    out: OutFolder,
    day: Day = None,
    seed: Seed = 1,
    radius_km: Annotated[float, typer.Option(help="Distance maximale, en kilomètres.")] = 15,
    speed_kmh: Annotated[float, typer.Option(help="Vitesse moyenne du trajet.")] = 40,
    detour: Annotated[float, typer.Option(help="Détour par rapport au vol d'oiseau.")] = 1.3,
    accept_partial: Partial = False,
) -> None:
    """Proposer un médecin traitant aux patients qui n'en ont pas."""
    with _refusals(), terminal.progress_bar(err_console, "Appariement") as told:
        _check_limits(seed=seed, radius_km=radius_km, speed_kmh=speed_kmh, detour=detour)
        terms = matcher.Terms(radius_km, speed_kmh, detour)
        options = matching.MatchOptions(day=_day(day), seed=seed, terms=terms)
        files = rounds.MatchFiles(patients, doctors, demo.known_places())
        run = rounds.match(files, options, rounds.Desk(out, accept_partial, _warn, told))
    out_console.print(terminal.of_matching(run.summary))


@app.command("roster")
def fill(
    slots: InputFile,
    doctors: InputFile,
    availability: InputFile,
    out: OutFolder,
    seed: Seed = 1,
    rest_days: Annotated[int, typer.Option(help="Jours libres entre deux gardes.")] = 1,
    published: Annotated[
        Path | None, typer.Option(help="Tableau déjà publié : le changer le moins possible.")
    ] = None,
    timezone: Annotated[str, typer.Option(help="Heure civile du territoire.")] = "Europe/Paris",
    accept_partial: Partial = False,
) -> None:
    """Remplir un tableau de garde, équitablement et avec preuve."""
    with _refusals(), terminal.progress_bar(err_console, "Tableau de garde") as told:
        _check_limits(seed=seed, rest_days=rest_days)
        _check_timezone(timezone)
        files = rounds.RosterFiles(slots, doctors, availability, published)
        options = roster.RosterOptions(seed=seed, rest_days=rest_days, timezone=timezone)
        run = rounds.fill(files, options, rounds.Desk(out, accept_partial, _warn, told))
    out_console.print(terminal.of_roster(run.summary))


@app.command("demo")
def make_demo(
    out: OutFolder = Path("out/demo"),
    seed: Seed = 1,
    day: Day = None,
) -> None:
    """Construire le territoire de démonstration : Nancy apparié, Metz mis au tableau."""
    with _refusals(), terminal.progress_bars(err_console) as told:
        _check_limits(seed=seed)
        made = demo.make(out, seed=seed, day=_day(day), now=datetime.now(UTC), tell=told)
    out_console.print(terminal.of_matching(made.match.summary))
    out_console.print(terminal.of_roster(made.roster.summary))
    out_console.print(terminal.of_files(out, made.files))


@app.command("serve")
def serve(
    demo_folder: Annotated[
        Path | None, typer.Option("--demo", help="Servir une démonstration faite par `demo`.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Adresse d'écoute.")] = None,
    port: Annotated[int | None, typer.Option(help="Port d'écoute.")] = None,
) -> None:
    """Servir le site et l'interface JSON."""
    with _refusals():
        given: dict[str, object] = {"host": host, "port": port}
        if demo_folder is not None:
            given |= {"database_url": demo.database_url(demo_folder), "demo": True}
        settings = Settings(**{name: it for name, it in given.items() if it is not None})  # type: ignore[arg-type]
        application = create_app(settings)
    out_console.print(f"Relève écoute sur http://{settings.host}:{settings.port} (Ctrl+C : arrêt)")
    # No access log: addresses of a search name a place, and the journal is not there.
    uvicorn.run(application, host=settings.host, port=settings.port, access_log=False)


@app.command("migrate")
def migrate() -> None:
    """Mettre la base de données à la version de ce programme."""
    with _refusals():
        session.migrate(Settings().database_url)
    out_console.print("La base de données est à jour.")


@app.command("jobs")
def run_jobs() -> None:
    """Exécuter les tâches récurrentes, jusqu'à Ctrl+C."""
    with _refusals():
        settings = Settings()
    jobs.run(settings)


@contextmanager
def _refusals() -> Iterator[None]:
    """Whatever cannot be accepted ends in French sentences and status 2, never in a trace."""
    try:
        yield
    except rounds.Unproven as bug:
        _leave(
            "Le recompte contredit le solveur : c'est une erreur de Relève, aucun résultat n'est "
            f"donné. L'instance est gardée dans {bug.file} ; elle contient des données de santé.",
            BUG,
        )
    except tuple(SENTENCES) as refused:
        told = next(tell for kind, tell in SENTENCES.items() if isinstance(refused, kind))
        _leave(told(refused))


def _of_rejects(refused: rounds.Refused) -> str:
    _say([outcome.sentence(reject) for reject in refused.rejects])
    return f"Rien n'a été calculé. Le détail est dans {refused.directory / 'rejects.csv'}."


def _of_settings(refused: pydantic.ValidationError) -> str:
    return "\n".join(_setting_sentence(dict(error)) for error in refused.errors())


SENTENCES: Mapping[type[Exception], Callable[[Any], str]] = {
    rounds.Refused: _of_rejects,
    errors.FilesError: str,
    demo.NoDemo: str,
    session.NotAnAddress: lambda _: (
        "RELEVE_DATABASE_URL n'est pas une adresse de base de données, comme sqlite:///a.db."
    ),
    session.Unreachable: lambda it: f"La base de données ne répond pas : {it.orig}",
    pydantic.ValidationError: _of_settings,
    parameters.UnknownParameter: lambda it: (
        f"Aucune valeur de « {it.name} » n'est en vigueur au {it.day}."
    ),
    ValueError: lambda it: f"Demande impossible : {it}",
}
"""What is said of each refusal; the first kind that fits speaks."""


def _setting_sentence(error: dict[str, Any]) -> str:
    """Our own sentence, or the name of the setting: a refused value may be a secret."""
    if error["type"] == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    return f"RELEVE_{str(error['loc'][0]).upper()} : valeur refusée."


def _leave(sentence: str, status: int = REFUSED) -> NoReturn:
    err_console.print(escape(sentence), soft_wrap=True, highlight=False)
    sys.exit(status)


def _say(sentences: Sequence[str]) -> None:
    for sentence in sentences[:SHOWN]:
        err_console.print(escape(sentence), soft_wrap=True, highlight=False)
    if len(sentences) > SHOWN:
        err_console.print(f"… et {len(sentences) - SHOWN} autres.", highlight=False)


def _warn(remarks: Sequence[outcome.Remark]) -> None:
    _say([f"Attention : {outcome.remark_sentence(remark)}" for remark in remarks])


def _check_limits(**options: float) -> None:
    """Leave, naming the option, when a number is out of its limits (NaN always is)."""
    for name, value in options.items():
        low, high = LIMITS[name]
        if not low <= value <= high:
            option = name.replace("_", "-")
            _leave(f"--{option} : {value} est hors limites ; attendu de {low} à {high}.")


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        _leave(f"--timezone : « {name} » est un fuseau inconnu ; attendu par exemple Europe/Paris.")


def _day(given: str | None) -> date:
    if given is None:
        return date.today()  # noqa: DTZ011 - the user's own calendar
    try:
        return columns.iso_day(given, columns.Conventions(decimal_comma=False, day=None))
    except columns.UnreadableCell as refused:
        _leave(f"--date : « {given} » {refused}.")


def main() -> None:
    """Entry point of the `releve` command."""
    app()
