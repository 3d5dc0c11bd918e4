"""What a terminal shows of a run: bars while it works, a short account afterwards."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

STATUS = {"optimal": "optimal, prouvé", "feasible": "réalisable, écart à la borne ci-dessous"}

PHASES = {
    "prepare": "préparation",
    "pairs": "couples possibles",
    "fold": "regroupement",
    "flow": "flot",
    "households": "foyers",
    "serve": "tours de rôle",
    "check": "recompte",
    "explain": "raisons",
    "filled_1": "sièges les plus durs",
    "filled_2": "sièges moyens",
    "filled_3": "sièges restants",
    "changes": "changements",
    "fairness": "équité",
    "wishes": "souhaits",
    "done": "terminé",
}

Tell = Callable[[str, str, float], None]
"""Told a line of work, the phase it begins and the share done."""


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
def progress_bar(console: Console, line: str) -> Iterator[Callable[[str, float], None]]:
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
    for name, label in (("changes", "changements"), ("fairness", "équité"), ("wishes", "souhaits")):
        if name in summary:
            table.add_row(label, str(summary[name]), str(summary["bound"][name]))
    return Group(table, _seconds(summary))


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
