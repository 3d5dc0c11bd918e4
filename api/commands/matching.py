"""The commands of the matching: rounds, questions about them, many territories at once."""

import sys
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from api import answers, demo, many, refusals, rounds, suppositions, terminal
from api.commands import options
from api.services import what_if

STOPPED = 130


def match(
    *,
    patients: options.InputFile,
    doctors: options.InputFile,
    out: options.OutFolder,
    day: options.Day = None,
    seed: options.Seed = 1,
    radius_km: options.RadiusKm = 15,
    speed_kmh: options.SpeedKmh = 40,
    detour: options.Detour = 1.3,
    accept_partial: options.Partial = False,
) -> None:
    """Proposer un médecin traitant aux patients qui n'en ont pas."""
    with refusals.told(), terminal.progress_bar(refusals.err_console, "Appariement") as told:
        terms = {"radius_km": radius_km, "speed_kmh": speed_kmh, "detour": detour}
        asked = options.match_options(day, seed, terms)
        files = rounds.MatchFiles(patients, doctors, demo.known_places())
        run = rounds.match(files, asked, rounds.Desk(out, accept_partial, refusals.warn, told))
    options.out_console.print(terminal.of_matching(run.summary))


def match_many(
    folder: Annotated[
        Path,
        typer.Argument(help="Un sous-dossier par territoire : patients et doctors, CSV ou XLSX."),
    ],
    *,
    out: options.OutFolder = Path("out/territories"),
    day: options.Day = None,
    seed: options.Seed = 1,
    radius_km: options.RadiusKm = 15,
    speed_kmh: options.SpeedKmh = 40,
    detour: options.Detour = 1.3,
    accept_partial: options.Partial = False,
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
            folder,
            out,
            options.match_options(day, seed, terms),
            demo.known_places(),
            accept_partial,
        )
        folders = many.territories(plan)
        with (
            terminal.progress_bar(refusals.err_console, "Territoires") as told,
            _workers(cluster, workers, len(folders)) as executor,
        ):
            ended = many.match(plan, folders, executor, told)
    refusals.warn([doubt for it in ended for doubt in it.doubts])
    options.out_console.print(terminal.of_territories(ended))
    sys.exit(_status({it.status for it in ended}))


def explain(
    patient: Annotated[str, typer.Argument(help="Numéro du patient dans le fichier.")],
    *,
    patients: options.InputFile,
    doctors: options.InputFile,
    day: options.Day = None,
    seed: options.Seed = 1,
    radius_km: options.RadiusKm = 15,
    speed_kmh: options.SpeedKmh = 40,
    detour: options.Detour = 1.3,
    accept_partial: options.Partial = False,
    as_json: options.AsJson = False,
) -> None:
    """Dire à un patient pourquoi ce médecin, ou pourquoi aucun, et ce qui y changerait."""
    with refusals.told(), terminal.progress_bar(refusals.err_console, "Explication") as told:
        terms = {"radius_km": radius_km, "speed_kmh": speed_kmh, "detour": detour}
        asked = options.match_options(day, seed, terms)
        files = rounds.MatchFiles(patients, doctors, demo.known_places())
        found = rounds.explain(
            files, patient, asked, rounds.Desk(None, accept_partial, refusals.warn, told)
        )
    options.answer(asdict(found), answers.of_explanation(found), as_json=as_json)


def suppose(
    *,
    patients: options.InputFile,
    doctors: options.InputFile,
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
    day: options.Day = None,
    seed: options.Seed = 1,
    radius_km: options.RadiusKm = 15,
    speed_kmh: options.SpeedKmh = 40,
    detour: options.Detour = 1.3,
    accept_partial: options.Partial = False,
    as_json: options.AsJson = False,
) -> None:
    """Comparer le tour à ce qu'il serait si un médecin partait, si un cabinet ouvrait..."""
    with refusals.told(), terminal.progress_bar(refusals.err_console, "Et si…") as told:
        known = demo.known_places()
        given = {"leaves": leaves, "places": places, "practice": practice, "capacity": capacity}
        events = suppositions.events(given, known, rank=rank)
        options.check_limits(places_each=places_each)
        terms = {"radius_km": radius_km, "speed_kmh": speed_kmh, "detour": detour}
        asked = options.match_options(day, seed, terms)
        files = rounds.MatchFiles(patients, doctors, known)
        desk = rounds.Desk(out, accept_partial, refusals.warn, told)
        if rank is None:
            supposed = rounds.suppose(files, events, asked, desk)
        else:
            practices = what_if.Practices(suppositions.communes(), places_each)
            ranked = rounds.rank(files, practices, asked, desk)
    if rank is None:
        options.answer(asdict(supposed), answers.of_what_if(supposed), as_json=as_json)
    else:
        shown = answers.of_ranking(ranked, places_each)
        options.answer([asdict(it) for it in ranked], shown, as_json=as_json)


def _workers(
    cluster: str | None, asked: int | None, tasks: int
) -> AbstractContextManager[Executor]:
    """The workers asked for. Dask is an extra and slow to load, so it is imported on demand."""
    if asked is not None:
        options.check_limits(workers=asked)
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
