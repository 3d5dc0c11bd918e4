"""What a terminal shows of a run: bars while it works, a short account afterwards."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api import many
from api.directories import standing

STATUS = {"optimal": "optimal, prouvé", "feasible": "réalisable, écart à la borne ci-dessous"}

ENDS = {
    "optimal": "optimal",
    "feasible": "réalisable",
    "refused": "refusé",
    "failed": "en échec",
    "cancelled": "interrompu",
}
"""How a territory ended."""

DIRECTORIES = {
    "ban": "adresses (BAN)",
    "communes": "communes (geo.api.gouv.fr)",
    "annuaire": "médecins (Annuaire Santé)",
    "osrm": "trajets (OSRM)",
}
STANDING = {
    standing.Kind.OFF: "éteint : rien n'est envoyé",
    standing.Kind.UNASKED: "jamais interrogé",
    standing.Kind.FRESH: "à jour, dernière réponse le",
    standing.Kind.STALE: "sans nouvelle réponse depuis le",
    standing.Kind.DOWN: "en panne depuis le",
}
"""How a directory fares; most are followed by an instant."""

PHASES = {
    "prepare": "préparation",
    "compile": "compilation, une fois",
    "pairs": "couples possibles",
    "fold": "regroupement",
    "flow": "flot",
    "prove": "preuve",
    "households": "foyers",
    "serve": "tours de rôle",
    "check": "recompte",
    "worth": "valeur des places",
    "explain": "raisons",
    "filled_1": "sièges les plus durs",
    "filled_2": "sièges moyens",
    "filled_3": "sièges restants",
    "changes": "changements",
    "minimums": "minimums",
    "fairness": "équité",
    "wishes": "souhaits",
    "import": "lignes écrites",
    "done": "terminé",
}

Tell = Callable[[str, str, float], None]
"""Told a line of work, the phase it begins and the share done."""

Told = Callable[[str, float], None]
"""Told the phase that begins and the share done."""


@contextmanager
def progress_bars(console: Console) -> Iterator[Tell]:
    """One bar for each line of work, from its first word on."""
    with Progress(
        TextColumn("{task.description:<18}"),
        BarColumn(),
        TextColumn("{task.fields[phase]:<22}"),
        TimeElapsedColumn(),
        console=console,
    ) as bars:
        tasks: dict[str, Any] = {}

        def tell(line: str, phase: str, share: float) -> None:
            if line not in tasks:
                tasks[line] = bars.add_task(line, total=1.0, phase="")
            bars.update(tasks[line], completed=share, phase=PHASES.get(phase, phase))

        yield tell


@contextmanager
def progress_bar(console: Console, line: str) -> Iterator[Told]:
    """A single bar."""
    with progress_bars(console) as tell:
        yield lambda phase, share: tell(line, phase, share)


def of_matching(summary: Mapping[str, Any]) -> RenderableType:
    """The account of a round of matching."""
    table = _levels("Médecins traitants", summary)
    matched, eligible = summary["matched"], summary["eligible"]
    for rank, count in matched.items():
        bound = str(summary["bound"]["matched"][rank])
        table.add_row(
            f"priorité {rank} : proposés / possibles", f"{count} / {eligible[rank]}", bound
        )
    for name, label in (
        ("usual_doctor", "chez le médecin habituel"),
        ("travel_bands", "tranches de 5 min de trajet"),
        ("imbalance", "déséquilibre"),
        ("travel_seconds", "secondes de trajet"),
    ):
        table.add_row(label, str(summary[name]), str(summary["bound"][name]))
    return Group(table, _seconds(summary))


def of_roster(summary: Mapping[str, Any]) -> RenderableType:
    """The account of a roster."""
    table = _levels("Tableau de garde", summary)
    for hardness, count in summary["filled"].items():
        bound = summary["bound"][f"filled_{hardness}"]
        table.add_row(f"sièges pourvus, difficulté {hardness}", str(count), str(bound))
    for name, label in (
        ("changes", "changements"),
        ("minimums", "gardes sous les minimums"),
        ("fairness", "équité"),
        ("wishes", "souhaits"),
    ):
        if name in summary:
            table.add_row(label, str(summary[name]), str(summary["bound"][name]))
    return Group(table, _seconds(summary))


def of_directories(states: Mapping[str, standing.State], zone: ZoneInfo) -> RenderableType:
    """How each directory fares, instants in civil time."""
    table = Table("annuaire", "état", title="Annuaires extérieurs", title_justify="left")
    for name, state in states.items():
        words = STANDING[state.kind]
        since = "" if state.since is None else f"{state.since.astimezone(zone):%d/%m/%Y à %H:%M}"
        table.add_row(DIRECTORIES[name], f"{words} {since}".strip())
    return table


def of_standings(found: pl.DataFrame) -> RenderableType:
    """The order of a call, and what each doctor has carried."""
    table = Table(
        *("appel", "médecin", "gardes", "prévus", "faits", "comptés", "charge"),
        title="Qui appeler d'abord : la plus faible charge, puis un tirage au sort",
        title_justify="left",
        caption="En points ; la charge est celle d'une part entière.",
        caption_justify="left",
    )
    table.columns[1].no_wrap = True
    for column in (table.columns[0], *table.columns[2:]):
        column.justify = "right"
    for *figures, burden in found.iter_rows():
        table.add_row(*map(str, figures), f"{burden:.2f}".replace(".", ","))
    return table


def of_territories(ended: Sequence[many.Territory]) -> RenderableType:
    """The account of many territories: a row each, then why some have no result."""
    table = Table(
        "territoire", "état", "patients", "proposés", "places", "trajet moyen (s)", "calcul (s)"
    )
    for column in table.columns[2:]:
        column.justify = "right"
    for it in ended:
        mean = round((it.travel_seconds or 0) / it.matched) if it.matched else None
        figures = (it.patients, it.matched, it.places, mean, it.seconds)
        shown = ["" if figure is None else str(figure) for figure in figures]
        table.add_row(escape(it.territory), ENDS[it.status], *shown)
    why = (f"{escape(it.territory)} : {escape(it.error)}" for it in ended if it.error)
    return Group(table, *why)


def of_files(folder: Path, names: Sequence[str]) -> RenderableType:
    """Where the files of a demonstration are."""
    return "\n".join([f"Écrit sous {folder} :", *(f"  {name}" for name in names)])


def _levels(title: str, summary: Mapping[str, Any]) -> Table:
    status = STATUS[summary["status"]]
    table = Table("niveau", "valeur", "borne", title=f"{title} : {status}", title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _seconds(summary: Mapping[str, Any]) -> str:
    phases = (f"{PHASES.get(name, name)} {it:.2f}" for name, it in summary["seconds"].items())
    total = sum(summary["seconds"].values())
    return f"{total:.2f} s ({', '.join(phases)})\n"
