"""The commands: each parses, makes one call, and prints a short account in French.

Exit status: 0 done, 2 something given cannot be accepted (a file, an option, a folder, a setting),
1 a bug of ours, 130 stopped by Ctrl+C.
"""

import sys
from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, date, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
import uvicorn
from rich.console import Console, RenderableType

import matcher
from api import almanac, answers, demo, jobs, many, refusals, rounds, suppositions, terminal
from api.app import create_app
from api.files import columns, writing
from api.services import matching, roster, what_if
from api.settings import Settings
from store import session

STOPPED = 130

LIMITS = {
    "seed": (0, 2**31 - 1),
    "radius_km": (0.1, 20_000),
    "speed_kmh": (1, 1_000),
    "detour": (1, 10),
    "rest_days": (0, 366),
    "workers": (1, 1_000),
    "places_each": (1, suppositions.MOST_PLACES),
}
"""Lowest and highest value of the options that are numbers: beyond, seconds mean nothing."""

app = typer.Typer(
    help="Relève : des médecins traitants pour qui n'en a pas, des médecins pour les gardes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
out_console = Console()

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

AsJson = Annotated[bool, typer.Option("--json", help="Tout écrire en JSON.")]
RadiusKm = Annotated[float, typer.Option(help="Distance maximale, en kilomètres.")]
SpeedKmh = Annotated[float, typer.Option(help="Vitesse moyenne du trajet.")]
LongWeekend = Annotated[
    bool, typer.Option("--long-weekend", help="Pont aussi le samedi après un jeudi férié.")
]
GoodFriday = Annotated[
    bool | None, typer.Option(help="La commune a-t-elle un temple ou une église mixte ?")
]
Detour = Annotated[float, typer.Option(help="Détour par rapport au vol d'oiseau.")]


@app.command("match")
def match(
    patients: InputFile,
    doctors: InputFile,
    out: OutFolder,
    day: Day = None,
    seed: Seed = 1,
    radius_km: RadiusKm = 15,
    speed_kmh: SpeedKmh = 40,
    detour: Detour = 1.3,
    accept_partial: Partial = False,
) -> None:
    """Proposer un médecin traitant aux patients qui n'en ont pas."""
    with refusals.told(), terminal.progress_bar(refusals.err_console, "Appariement") as told:
        terms = {"radius_km": radius_km, "speed_kmh": speed_kmh, "detour": detour}
        options = _match_options(day, seed, terms)
        files = rounds.MatchFiles(patients, doctors, demo.known_places())
        run = rounds.match(files, options, rounds.Desk(out, accept_partial, refusals.warn, told))
    out_console.print(terminal.of_matching(run.summary))


@app.command("match-many")
def match_many(
    folder: Annotated[
        Path,
        typer.Argument(help="Un sous-dossier par territoire : patients et doctors, CSV ou XLSX."),
    ],
    out: OutFolder = Path("out/territories"),
    day: Day = None,
    seed: Seed = 1,
    radius_km: RadiusKm = 15,
    speed_kmh: SpeedKmh = 40,
    detour: Detour = 1.3,
    accept_partial: Partial = False,
    workers: Annotated[
        int | None,
        typer.Option(help="Processus de calcul ; au plus, et sans elle, les cœurs de la machine."),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(help="Adresse d'un ordonnanceur Dask, ou « local » (extra releve[cluster])."),
    ] = None,
) -> None:
    """Apparier plusieurs territoires à la fois, chacun comme `match`."""
    with refusals.told():
        terms = {"radius_km": radius_km, "speed_kmh": speed_kmh, "detour": detour}
        plan = many.Plan(
            folder, out, _match_options(day, seed, terms), demo.known_places(), accept_partial
        )
        folders = many.territories(plan)
        with (
            terminal.progress_bar(refusals.err_console, "Territoires") as told,
            _workers(cluster, workers, len(folders)) as executor,
        ):
            ended = many.match(plan, folders, executor, told)
    refusals.warn([doubt for it in ended for doubt in it.doubts])
    out_console.print(terminal.of_territories(ended))
    sys.exit(_status({it.status for it in ended}))


@app.command("explain")
def explain(
    patient: Annotated[str, typer.Argument(help="Numéro du patient dans le fichier.")],
    patients: InputFile,
    doctors: InputFile,
    day: Day = None,
    seed: Seed = 1,
    radius_km: RadiusKm = 15,
    speed_kmh: SpeedKmh = 40,
    detour: Detour = 1.3,
    accept_partial: Partial = False,
    as_json: AsJson = False,
) -> None:
    """Dire à un patient pourquoi ce médecin, ou pourquoi aucun, et ce qui y changerait."""
    with refusals.told(), terminal.progress_bar(refusals.err_console, "Explication") as told:
        terms = {"radius_km": radius_km, "speed_kmh": speed_kmh, "detour": detour}
        options = _match_options(day, seed, terms)
        files = rounds.MatchFiles(patients, doctors, demo.known_places())
        found = rounds.explain(
            files, patient, options, rounds.Desk(None, accept_partial, refusals.warn, told)
        )
    _answer(asdict(found), answers.of_explanation(found), as_json=as_json)


@app.command("what-if")
def suppose(
    patients: InputFile,
    doctors: InputFile,
    leaves: Annotated[list[str] | None, typer.Option(help="RPPS d'un médecin qui part.")] = None,
    places: Annotated[
        list[str] | None, typer.Option(help="Places en plus ou en moins : RPPS=+20.")
    ] = None,
    practice: Annotated[
        list[str] | None,
        typer.Option(help="Cabinet qui ouvre : 54395=800 ou 48.69,6.18=800."),
    ] = None,
    capacity: Annotated[
        list[str] | None, typer.Option(help="Places d'une commune multipliées : 54395=x2.")
    ] = None,
    rank: Annotated[
        str | None, typer.Option(help="« communes » : où un cabinet aiderait le plus.")
    ] = None,
    places_each: Annotated[int, typer.Option(help="Places du cabinet essayé par --rank.")] = 800,
    out: Annotated[
        Path | None, typer.Option(help="Dossier où écrire communes.csv, avec --rank.")
    ] = None,
    day: Day = None,
    seed: Seed = 1,
    radius_km: RadiusKm = 15,
    speed_kmh: SpeedKmh = 40,
    detour: Detour = 1.3,
    accept_partial: Partial = False,
    as_json: AsJson = False,
) -> None:
    """Comparer le tour à ce qu'il serait si un médecin partait, si un cabinet ouvrait..."""
    with refusals.told(), terminal.progress_bar(refusals.err_console, "Et si…") as told:
        known = demo.known_places()
        given = {"leaves": leaves, "places": places, "practice": practice, "capacity": capacity}
        events = suppositions.events(given, known, rank=rank)
        _check_limits(places_each=places_each)
        terms = {"radius_km": radius_km, "speed_kmh": speed_kmh, "detour": detour}
        options = _match_options(day, seed, terms)
        files = rounds.MatchFiles(patients, doctors, known)
        desk = rounds.Desk(out, accept_partial, refusals.warn, told)
        if rank is None:
            supposed = rounds.suppose(files, events, options, desk)
        else:
            practices = what_if.Practices(suppositions.communes(), places_each)
            ranked = rounds.rank(files, practices, options, desk)
    if rank is None:
        _answer(asdict(supposed), answers.of_what_if(supposed), as_json=as_json)
    else:
        shown = answers.of_ranking(ranked, places_each)
        _answer([asdict(it) for it in ranked], shown, as_json=as_json)


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
    with refusals.told(), terminal.progress_bar(refusals.err_console, "Tableau de garde") as told:
        _check_limits(seed=seed, rest_days=rest_days)
        _check_timezone(timezone)
        files = rounds.RosterFiles(slots, doctors, availability, published)
        options = roster.RosterOptions(seed=seed, rest_days=rest_days, timezone=timezone)
        run = rounds.fill(files, options, rounds.Desk(out, accept_partial, refusals.warn, told))
    out_console.print(terminal.of_roster(run.summary))


@app.command("calendar")
def show_calendar(
    commune: Annotated[str, typer.Option(help="Code INSEE de la commune, par exemple 57463.")],
    year: Annotated[int, typer.Option(help="Année, de 2000 à 2100.")],
    saturday_afternoon: Annotated[
        bool, typer.Option("--saturday-afternoon", help="L'ARS a ouvert le samedi dès midi.")
    ] = False,
    bridge_days: Annotated[
        bool, typer.Option("--bridge-days", help="L'ARS a ouvert les ponts.")
    ] = False,
    long_weekend: LongWeekend = False,
    good_friday: GoodFriday = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Tout écrire en CSV.")] = False,
) -> None:
    """Montrer les jours fériés et le régime, PDSA ou journée, de chaque heure d'une année."""
    opened = almanac.Opened(saturday_afternoon, bridge_days, long_weekend, good_friday)
    wanted = almanac.asked(commune, year, opened)
    if as_csv:
        refusals.say(list(almanac.doubts(wanted)))
        typer.echo(almanac.csv(wanted), nl=False)
    else:
        out_console.print(almanac.of_year(wanted), highlight=False)


@app.command("slots")
def make_slots(
    template: Annotated[Path, typer.Option(help="Modèle de créneaux, fichier TOML.")],
    commune: Annotated[str, typer.Option(help="Commune dont les jours fériés valent.")],
    first_day: Annotated[str, typer.Option(help="Premier jour, AAAA-MM-JJ.")],
    last_day: Annotated[str, typer.Option(help="Dernier jour, compris.")],
    out: OutFolder,
    long_weekend: LongWeekend = False,
    good_friday: GoodFriday = None,
    day: Day = None,
) -> None:
    """Tirer d'un modèle les créneaux d'une période, et dire les délais légaux de son tableau."""
    place = almanac.territory(commune, almanac.Opened(False, True, long_weekend, good_friday))
    period = almanac.span(first_day, last_day)
    with refusals.told():
        count = almanac.write_slots(template, period, place, out)
    out_console.print(almanac.of_slots(count, period, _day(day)), highlight=False)


@app.command("demo")
def make_demo(
    out: OutFolder = Path("out/demo"),
    seed: Seed = 1,
    day: Day = None,
) -> None:
    """Construire le territoire de démonstration : Nancy apparié, Metz mis au tableau."""
    with refusals.told(), terminal.progress_bars(refusals.err_console) as told:
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
    with refusals.told():
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
    with refusals.told():
        session.migrate(Settings().database_url)
    out_console.print("La base de données est à jour.")


@app.command("jobs")
def run_jobs() -> None:
    """Exécuter les tâches récurrentes, jusqu'à Ctrl+C."""
    with refusals.told():
        settings = Settings()
    jobs.run(settings)


def _answer(data: object, shown: RenderableType, *, as_json: bool) -> None:
    if as_json:
        typer.echo(writing.json_bytes(data), nl=False)
    else:
        out_console.print(shown)


def _workers(
    cluster: str | None, asked: int | None, tasks: int
) -> AbstractContextManager[Executor]:
    """The workers asked for. Dask is an extra and slow to load, so it is imported on demand."""
    if asked is not None:
        _check_limits(workers=asked)
    count = many.processes_here(asked, tasks)
    if cluster is None:
        return many.processes(count)
    if find_spec("distributed") is None:
        raise many.NoWorkers(
            "--cluster demande Dask, qui n'est pas installé : pip install 'releve[cluster]'. "
            "Sans cette option, les cœurs de cette machine suffisent."
        )
    dask: AbstractContextManager[Executor] = import_module("api.cluster").workers(cluster, count)
    return dask


def _status(ends: set[str]) -> int:
    """The exit status of a run of many territories: the gravest of their ends."""
    graver = {"cancelled": STOPPED, "failed": refusals.BUG, "refused": refusals.REFUSED}
    return next((status for end, status in graver.items() if end in ends), 0)


def _check_limits(**options: float) -> None:
    """Leave, naming the option, when a number is out of its limits (NaN always is)."""
    for name, value in options.items():
        low, high = LIMITS[name]
        if not low <= value <= high:
            option = name.replace("_", "-")
            refusals.leave(f"--{option} : {value} est hors limites ; attendu de {low} à {high}.")


def _match_options(day: str | None, seed: int, terms: Mapping[str, float]) -> matching.MatchOptions:
    _check_limits(seed=seed, **terms)
    return matching.MatchOptions(day=_day(day), seed=seed, terms=matcher.Terms(**terms))


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        refusals.leave(
            f"--timezone : « {name} » est un fuseau inconnu ; attendu par exemple Europe/Paris."
        )


def _day(given: str | None) -> date:
    if given is None:
        return date.today()  # noqa: DTZ011 - the user's own calendar
    try:
        return columns.iso_day(given, columns.Conventions(decimal_comma=False, day=None))
    except columns.UnreadableCell as refused:
        refusals.leave(f"--date : « {given} » {refused}.")


def main() -> None:
    """Entry point of the `releve` command."""
    app()
