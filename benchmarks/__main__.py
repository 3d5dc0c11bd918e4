"""`python -m benchmarks [SUBJECT ...] [--write]`: the tables on the screen, or in docs/ too."""

import argparse
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import machine, matching, roster, search, waiting
from benchmarks.measure import RUNS, Contender, Measured, alone, table, timed

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "benchmarks.md"
INTRODUCTION = f"""# Benchmarks

Each contender has a process of its own; median of {RUNS} runs, preparation not counted.
"""

Pictures = dict[str, str]
"""SVG by file name."""


def compared(
    contenders: tuple[Contender[Any, tuple[str, ...]], ...],
    columns: tuple[str, ...],
    reading: str,
) -> tuple[str, Pictures]:
    """A table of contenders that show what they found as cells under ``columns``."""
    outcomes = [alone(contender) for contender in contenders]
    measured = [it for it in outcomes if isinstance(it, Measured)]
    rows = [(it.name, *timed(it), *it.found[-1]) for it in measured]
    return f"{table(('', 'median s', 'least', 'most', *columns), rows)}\n{reading}\n", {}


SUBJECTS: dict[str, tuple[str, Callable[[], tuple[str, Pictures]]]] = {
    "matching": (matching.TITLE, matching.told),
    "waiting": ("Waiting: 24 monthly rounds", waiting.told),
    "roster": (roster.TITLE, roster.told),
    "search": (
        "Search: who is on duty around Metz",
        partial(
            compared,
            search.CONTENDERS,
            search.COLUMNS,
            "Requests are handled in this process, without a network, one after the other.",
        ),
    ),
}
"""By the name on the command line: the title of the section, and what measures it."""


def main() -> None:
    """Measure what was asked for, everything by default, one contender at a time."""
    asked = _asked()
    for name in asked.subject or SUBJECTS:
        title, measure = SUBJECTS[name]
        day = datetime.now(UTC).date()
        text, pictures = measure()
        section = f"Measured on {day} on {machine.described()}\n\n{text}"
        sys.stdout.write(f"## {title}\n\n{section}\n")
        sys.stdout.flush()
        if asked.write:
            written(PAGE, {title: section})
            for file, picture in pictures.items():
                (DOCS / file).write_text(picture, encoding="utf-8")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("subject", nargs="*", choices=[[], *SUBJECTS])
    parser.add_argument("--write", action="store_true", help="keep the tables in docs/")
    return parser.parse_args()


def written(page: Path, sections: dict[str, str]) -> None:
    """Put the sections on the page in place of those of the same title; others stay."""
    _, *old = re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    known = dict(it.split("\n\n", 1) for it in old) | sections
    titles = [title for title, _ in SUBJECTS.values() if title in known]
    parts = [INTRODUCTION, *(f"## {it}\n\n{known[it].rstrip()}\n" for it in titles)]
    page.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
