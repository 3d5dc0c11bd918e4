"""A contender measured: the same work several times in a process of its own, within limits."""

import math
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Generic, TypeVar

RUNS = 3
OUT_OF_MEMORY = 12
"""How a process ends that was refused memory, unless the system or its C++ ends it by a signal."""
GIBIBYTE = 2**30
MEBIBYTE = 2**20

Prepared = TypeVar("Prepared")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Contender(Generic[Prepared, Found]):
    """Who is measured: `prepare` is not counted, `work` is, and tells what it found."""

    name: str
    prepare: Callable[[], Prepared]
    work: Callable[[Prepared], Found]


@dataclass(frozen=True)
class Limit:
    """What a contender may take. No new run begins once the seconds are over."""

    seconds: float = math.inf
    gibibytes: float = math.inf


UNLIMITED = Limit()


@dataclass(frozen=True)
class Measured(Generic[Found]):
    """Seconds of each run, what each found, and the most memory ever in use."""

    name: str
    seconds: tuple[float, ...]
    found: tuple[Found, ...]
    peak_mebibytes: int

    @property
    def median(self) -> float:
        return median(self.seconds)


@dataclass(frozen=True)
class Stopped:
    """A contender that went beyond its limit; ``why`` is the limit, as a table shows it."""

    name: str
    why: str


def alone(
    contender: Contender[Prepared, Found], runs: int = RUNS, limit: Limit = UNLIMITED
) -> Measured[Found] | Stopped:
    """Measure in a fresh process, so that no contender warms the memory of another.

    Raises RuntimeError if the process fails within its limits.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_measure, args=(contender, runs, limit, theirs))
    process.start()
    theirs.close()
    try:
        return _heard(contender.name, ours, limit)
    except EOFError:
        process.join()
        refused = process.exitcode == OUT_OF_MEMORY or (process.exitcode or 0) < 0
        if not refused or math.isinf(limit.gibibytes):
            raise RuntimeError(f"{contender.name} ended with {process.exitcode}") from None
        return Stopped(contender.name, f"> {limit.gibibytes:g} GiB")
    finally:
        process.kill()
        process.join()


def _heard(name: str, ours: Connection, limit: Limit) -> Measured[Found] | Stopped:
    """The child says "prepared", then the seconds and the find of each run, then its peak."""
    runs: list[tuple[float, Found]] = []
    ours.recv()
    while ours.poll(None if math.isinf(limit.seconds) else limit.seconds):
        said = ours.recv()
        if isinstance(said, int):
            seconds, found = zip(*runs, strict=True)
            return Measured(name, seconds, found, said)
        runs.append(said)
    return Stopped(name, f"> {limit.seconds:g} s")


def _measure(
    contender: Contender[Prepared, Found], runs: int, limit: Limit, theirs: Connection
) -> None:
    _confine(limit)
    try:
        prepared = contender.prepare()
        theirs.send("prepared")
        left = limit.seconds
        for _ in range(runs):
            if left > 0:
                begun = time.perf_counter()
                found = contender.work(prepared)
                taken = time.perf_counter() - begun
                left -= taken
                theirs.send((taken, found))
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    theirs.send(peak_mebibytes())


def _confine(limit: Limit) -> None:
    """From here on, memory beyond the limit is refused to this process."""
    if not math.isinf(limit.gibibytes):
        most = int(limit.gibibytes * GIBIBYTE)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def peak_mebibytes() -> int:
    """The most memory this process has had resident, its preparation included."""
    status = Path("/proc/self/status")
    if not status.exists():
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // MEBIBYTE
    # Not `ru_maxrss` on Linux: a spawned process inherits that of its parent.
    words = status.read_text(encoding="ascii").split()
    return int(words[words.index("VmHWM:") + 1]) // 1024


def timed(measured: Measured[Found]) -> tuple[str, str, str]:
    """Median, least and most seconds, as a table shows them."""
    taken = measured.seconds
    return f"{median(taken):.2f}", f"{min(taken):.2f}", f"{max(taken):.2f}"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Markdown: the first column tells who, the others hold figures."""
    rule = ("---", *["---:"] * (len(head) - 1))
    return "\n".join([*map(_line, (head, rule, *rows)), ""])


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
