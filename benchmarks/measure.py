"""A contender measured: the same work several times in a process of its own."""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median
from typing import Generic, TypeVar

RUNS = 3

Prepared = TypeVar("Prepared")


@dataclass(frozen=True)
class Contender(Generic[Prepared]):
    """Who is measured: `prepare` is not counted, `work` is, and tells what it found."""

    name: str
    prepare: Callable[[], Prepared]
    work: Callable[[Prepared], tuple[str, ...]]


@dataclass(frozen=True)
class Measured:
    """Median, least and most seconds of the runs, and what the last of them found."""

    name: str
    median: float
    least: float
    most: float
    found: tuple[str, ...]


def alone(contender: Contender[Prepared], runs: int = RUNS) -> Measured:
    """Measure in a fresh process, so that no contender warms the memory of another."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_measure, contender, runs).result()


def _measure(contender: Contender[Prepared], runs: int) -> Measured:
    prepared = contender.prepare()
    seconds: list[float] = []
    found: tuple[str, ...] = ()
    for _ in range(runs):
        begun = time.perf_counter()
        found = contender.work(prepared)
        seconds.append(time.perf_counter() - begun)
    return Measured(contender.name, median(seconds), min(seconds), max(seconds), found)


def table(title: str, columns: tuple[str, ...], rows: list[Measured]) -> str:
    """Markdown: the contender, its seconds, and what it found under `columns`."""
    head = ("", "median s", "least", "most", *columns)
    lines = [f"## {title}", "", _row(head), _row(("---", *["---:"] * (len(head) - 1)))]
    for it in rows:
        timed = (f"{value:.2f}" for value in (it.median, it.least, it.most))
        lines.append(_row((it.name, *timed, *it.found)))
    return "\n".join([*lines, ""])


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
