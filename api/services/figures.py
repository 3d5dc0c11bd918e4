"""Figures by commune, and what may be said of them in public.

A count of people under eleven is never published, zero included, and no published figure may
allow recovering a hidden one: a row adds up (patients = proposed + waiting) and a column adds up
to its total, so hiding one cell alone hides nothing.

The table is read as a network: every cell is an arc, every sum a node, and another table that
fits the same publication is a circulation along hidden arcs (Gusfield, "A graph theoretic
approach to statistical data security", SIAM J. Comput. 17, 1988). For each small count we hide
the cheapest cycle along which it could grow to the threshold without any cell going under zero.
Every hidden cell then lies on such a cycle: none is unique, and none that is small can be known
to be small from the figures.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from api.services import matching
from matcher import travel

COLUMNS = ("patients", "proposed", "waiting")
TOTAL = "total"

Cell = tuple[str, str]
Arcs = dict[str, list[tuple[str, Cell, bool]]]


@dataclass(frozen=True)
class CommuneCounts:
    """The plain counts of one commune, before suppression: never published as they are.

    `patients` is `proposed + waiting`. `accepting_doctors` and `places_open` (new patients the
    doctors of the commune offered to take in the round) speak of doctors, not of patients, and
    are public.
    """

    code_insee: str
    patients: int
    proposed: int
    waiting: int
    accepting_doctors: int = 0
    places_open: int = 0


@dataclass(frozen=True)
class CommuneFigure:
    """What may be published of one commune; None is a hidden figure, not a zero."""

    code_insee: str
    patients: int | None
    proposed: int | None
    waiting: int | None
    accepting_doctors: int
    places_open: int


@dataclass(frozen=True)
class Totals:
    """The totals of the columns, hidden too (None) where they would tell too much."""

    patients: int | None
    proposed: int | None
    waiting: int | None
    accepting_doctors: int
    places_open: int


@dataclass(frozen=True)
class Figures:
    """The published table: a row a commune, in the order of the codes, and its totals."""

    communes: tuple[CommuneFigure, ...]
    totals: Totals


def by_commune(
    patients: pl.DataFrame,
    proposed: Collection[str],
    doctors: pl.DataFrame,
    centres: pl.DataFrame,
) -> tuple[CommuneCounts, ...]:
    """Count people without médecin traitant and places by commune of residence or practice.

    `proposed` holds the `patient_id` of those for whom a doctor was found. `centres` has
    `code_insee`, `latitude`, `longitude`; a row without commune counts for the commune whose
    centre is nearest. Communes without patient and without place are left out.
    """
    homes = _communes_of(patients, centres)
    found = set(proposed)
    matched = (patient_id in found for patient_id in patients["patient_id"].to_list())
    people = Counter(zip(homes, matched, strict=True))
    accepting = doctors.filter((doctors["places"] > 0) & matching.may_build_a_panel(doctors))
    practices = _communes_of(accepting, centres)
    numbers = Counter(practices)
    places: Counter[str] = Counter()
    for code, offered in zip(practices, accepting["places"].to_list(), strict=True):
        places[code] += offered
    return tuple(
        CommuneCounts(
            code_insee=code,
            patients=people[code, True] + people[code, False],
            proposed=people[code, True],
            waiting=people[code, False],
            accepting_doctors=numbers[code],
            places_open=places[code],
        )
        for code in sorted(set(homes) | set(practices))
    )


def _communes_of(frame: pl.DataFrame, centres: pl.DataFrame) -> list[str]:
    codes: list[str | None] = frame["code_insee"].to_list()
    unknown = [row for row, code in enumerate(codes) if code is None]
    if unknown:
        asked = frame[unknown]
        distances = travel.great_circle_km(
            asked["latitude"].to_numpy()[:, None],
            asked["longitude"].to_numpy()[:, None],
            centres["latitude"].to_numpy()[None, :],
            centres["longitude"].to_numpy()[None, :],
        )
        names = centres["code_insee"].to_list()
        for row, nearest in zip(unknown, np.argmin(distances, axis=1), strict=True):
            codes[row] = names[int(nearest)]
    return [code for code in codes if code is not None]


def suppress(counts: Sequence[CommuneCounts], threshold: int = 11) -> Figures:
    """Hide every count of people under `threshold`, and what else would give one away.

    Further cells are the smallest that do; a total goes only when nothing else protects.
    Raises ValueError for a commune given twice or a row that does not add up.
    """
    _refuse_wrong(counts)
    values = _cells(counts)
    hidden = {cell for cell, value in values.items() if value < threshold}
    arcs = _network(values)
    small = hidden if counts else set()  # the totals of no commune at all are zero for everyone
    for cell in sorted(small, key=lambda cell: (values[cell], cell)):
        hidden |= _cheapest_cycle(cell, values, hidden, arcs, threshold - values[cell])
    shown = {cell: None if cell in hidden else value for cell, value in values.items()}
    rows = sorted(counts, key=lambda row: row.code_insee)
    return Figures(
        communes=tuple(
            CommuneFigure(
                code_insee=row.code_insee,
                patients=shown[row.code_insee, "patients"],
                proposed=shown[row.code_insee, "proposed"],
                waiting=shown[row.code_insee, "waiting"],
                accepting_doctors=row.accepting_doctors,
                places_open=row.places_open,
            )
            for row in rows
        ),
        totals=Totals(
            patients=shown[TOTAL, "patients"],
            proposed=shown[TOTAL, "proposed"],
            waiting=shown[TOTAL, "waiting"],
            accepting_doctors=sum(row.accepting_doctors for row in rows),
            places_open=sum(row.places_open for row in rows),
        ),
    )


def _refuse_wrong(counts: Sequence[CommuneCounts]) -> None:
    seen: set[str] = set()
    for row in counts:
        if row.code_insee in seen or row.code_insee == TOTAL:
            raise ValueError(f"commune {row.code_insee!r} stands twice in the table")
        seen.add(row.code_insee)
        if row.patients != row.proposed + row.waiting or min(row.proposed, row.waiting) < 0:
            raise ValueError(f"the counts of commune {row.code_insee!r} do not add up")


def _cells(counts: Sequence[CommuneCounts]) -> dict[Cell, int]:
    cells = {
        (row.code_insee, column): int(getattr(row, column)) for row in counts for column in COLUMNS
    }
    for column in COLUMNS:
        cells[TOTAL, column] = sum(int(getattr(row, column)) for row in counts)
    return cells


def _ends(cell: Cell) -> tuple[str, str]:
    """The two sums a cell belongs to, as the tail and the head of its arc.

    People enter a commune from the column of patients and leave it by `proposed` or `waiting`;
    the row of totals takes them back. Each cell stands in two sums with opposite signs, which
    is what makes the table a network.
    """
    row, column = cell
    forward = (column == "patients") == (row != TOTAL)
    names = (f"column {column}", f"row {row}")
    return names if forward else (names[1], names[0])


def _network(values: dict[Cell, int]) -> Arcs:
    arcs: Arcs = defaultdict(list)
    for cell in sorted(values):
        tail, head = _ends(cell)
        arcs[tail].append((head, cell, True))
        arcs[head].append((tail, cell, False))
    return arcs


def _cheapest_cycle(
    cell: Cell, values: dict[Cell, int], hidden: set[Cell], arcs: Arcs, growth: int
) -> set[Cell]:
    """The cells to hide so that `cell` could be larger by `growth`, by Dijkstra's method.

    A cell along the path grows or shrinks by as much; one that would shrink under zero is no
    way. There is always a way, through the commune and the totals, which can grow.
    """
    dearest = sum(values.values()) + len(values)

    def price(other: Cell) -> int:
        if other in hidden:
            return 0
        return 1 + values[other] + (dearest if other[0] == TOTAL else 0)

    goal, start = _ends(cell)
    best: dict[str, tuple[str, Cell]] = {}
    queue: list[tuple[int, int, str, str, Cell]] = [(0, 0, start, start, cell)]
    while goal not in best:
        cost, steps, node, before, through = heapq.heappop(queue)
        if node in best:
            continue
        best[node] = (before, through)
        for after, other, grows in arcs[node]:
            if other != cell and after not in best and (grows or values[other] >= growth):
                heapq.heappush(queue, (cost + price(other), steps + 1, after, node, other))
    return set(_walk_back(goal, start, best))


def _walk_back(goal: str, start: str, best: dict[str, tuple[str, Cell]]) -> Iterator[Cell]:
    node = goal
    while node != start:
        node, cell = best[node]
        yield cell
