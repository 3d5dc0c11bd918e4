"""The commands as people type them, on files of a small territory, and what they leave behind."""

import json
import random
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from click.testing import Result
from typer.testing import CliRunner

from api import cli
from tests.api.second_solver import Row, read

DAY = date(2026, 11, 21)
NIR = "185057800608491"

Change = Callable[[str], str | bytes]
"""What is done to the text of a file."""


def run(*words: object) -> Result:
    """The command in this process; `exit_code`, `stdout` and `stderr` as the shell sees them."""
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def match(folder: Path, out: Path, *options: object) -> Result:
    """`releve match` on the two files of a folder, on the day of the tests unless told."""
    files = ("--patients", folder / "patients.csv", "--doctors", folder / "doctors.csv")
    dated = () if "--date" in options else ("--date", DAY)
    return run("match", *files, "--out", out, *dated, *options)


def roster(folder: Path, out: Path, *options: object) -> Result:
    """`releve roster` on the three files of a folder."""
    files = {"slots": "slots", "doctors": "duty_doctors", "availability": "availability"}
    words = [word for key, name in files.items() for word in (f"--{key}", folder / f"{name}.csv")]
    return run("roster", *words, "--out", out, *options)


def written(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its name, the seconds taken out of the summaries."""
    files = {it.relative_to(folder).as_posix(): it for it in folder.rglob("*") if it.is_file()}
    return {name: _timeless(path) for name, path in sorted(files.items())}


def _timeless(path: Path) -> bytes:
    if path.name != "summary.json":
        return path.read_bytes()
    return json.dumps(summary(path.parent) | {"seconds": None}).encode()


def summary(out: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return told


def rows(out: Path, name: str) -> list[Row]:
    return read(out / f"{name}.csv")


def header(out: Path, name: str) -> str:
    return (out / f"{name}.csv").read_text(encoding="utf-8").split("\n", 1)[0]


def a_copy(folder: Path, target: Path, name: str = "", change: Change | None = None) -> Path:
    """The CSV files of a folder in another one, the text of one of them changed."""
    target.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.csv"):
        text: str | bytes = path.read_text(encoding="utf-8")
        if change is not None and path.stem == name:
            text = change(str(text))
        (target / path.name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return target


def a_cell(column: str, value: str, line: int = 2) -> Change:
    """Puts a value into a cell (lines from 1, the header's); the files quote nothing there."""

    def change(text: str) -> str:
        lines = text.splitlines()
        cells = lines[line - 1].split(",")
        cells[lines[0].split(",").index(column)] = value
        lines[line - 1] = ",".join(cells)
        return "\n".join(lines) + "\n"

    return change


def shuffled(text: str) -> str:
    """The rows of a file in another order, always the same."""
    head, *lines = text.splitlines()
    random.Random(7).shuffle(lines)
    return "\n".join([head, *lines]) + "\n"


def a_file(folder: Path, name: str, lines: Sequence[str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
