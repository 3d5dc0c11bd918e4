"""A roster as a picture: what each doctor carries against the target, and the holes of each week.

Plain SVG, written without a library: it opens in any browser, prints at any size, and the same
figures give the same bytes. Text stays text, so that it can be searched and read aloud. A PNG, for
a letter or a slide, is the same picture in points, in a font that comes with us: no machine draws
another one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, takewhile
from xml.sax.saxutils import escape

import font_lato
import resvg_py

WIDTH, MARGIN, NAMES, FIGURES = 960, 20, 210, 130
ROW, BAR, HEIGHT, GAP = 18, 12, 120, 70
INK, GREY, GRID, LOAD, HOLE = "#222", "#666", "#e2e2e2", "#7fc4ad", "#c8553d"
FONT, FONT_FILE = "Lato", font_lato.font_files["Lato"]
ZOOM = 2.0
"""Points of a PNG for each unit of the drawing: sharp on paper too."""
STEPS = (1, 2, 5)
MOST_LINES = 8
LONGEST_NAME = 28

Point = tuple[float, float]


@dataclass(frozen=True)
class Load:
    """One bar: a doctor by name or number, the points of this roster and the target."""

    name: str
    points: int
    target: float


@dataclass(frozen=True)
class Week:
    """One column: a week as people call it, and its empty seats."""

    name: str
    holes: int


def roster(loads: Sequence[Load], weeks: Sequence[Week]) -> str:
    """The SVG: loads in the order given, above the weeks."""
    top = MARGIN + GAP
    below = top + ROW * len(loads) + GAP
    height = below + GAP + HEIGHT + 2 * MARGIN
    said = (
        f"Médecins : {len(loads)} ; points : {sum(it.points for it in loads)} ; "
        f"semaines : {len(weeks)} ; sièges vides : {sum(it.holes for it in weeks)}."
    )
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'aria-labelledby="title desc" font-family="sans-serif" font-size="12" fill="{INK}">',
            '<title id="title">Tableau de garde</title>',
            f'<desc id="desc">{said}</desc>',
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
            *_loads(loads, top),
            *_weeks(weeks, below),
            "</svg>\n",
        )
    )


def png(drawn: str) -> bytes:
    """The same picture as a PNG."""
    return resvg_py.svg_to_bytes(
        svg_string=drawn,
        zoom=ZOOM,
        skip_system_fonts=True,
        font_files=[FONT_FILE],
        font_family=FONT,
        sans_serif_family=FONT,
    )


def _loads(loads: Sequence[Load], top: int) -> Iterator[str]:
    most = max((max(it.points, it.target) for it in loads), default=0) or 1
    left, room = MARGIN + NAMES, WIDTH - 2 * MARGIN - NAMES - FIGURES
    bottom = top + ROW * len(loads)
    yield _text(MARGIN, MARGIN + 14, "Points de chaque médecin dans ce tableau", size=16)
    yield _text(
        MARGIN, MARGIN + 34, "Barre : ce qu'il porte. Trait : sa part équitable.", fill=GREY
    )
    for value in _graduations(most):
        x = left + room * value / most
        yield _line((x, top), (x, bottom), GRID)
        yield _text(x, top - 6, str(value), anchor="middle", fill=GREY)
    for row, it in enumerate(loads):
        y, mark = top + ROW * row, left + room * it.target / most
        told = f"{it.points} (cible {it.target:.1f})".replace(".", ",")
        yield _text(left - 8, y + 13, _short(it.name), anchor="end")
        yield _bar((left, y + 3), room * it.points / most, BAR, LOAD)
        yield _line((mark, y + 1), (mark, y + ROW - 1), INK, width=2.5)
        yield _text(left + room + 10, y + 13, told, fill=GREY)


def _weeks(weeks: Sequence[Week], top: int) -> Iterator[str]:
    most = max((it.holes for it in weeks), default=0) or 1
    floor, wide = top + GAP - 20 + HEIGHT, (WIDTH - 2 * MARGIN) / max(len(weeks), 1)
    yield _text(MARGIN, top + 14, "Sièges vides de chaque semaine", size=16)
    if not any(it.holes for it in weeks):
        yield _text(MARGIN, top + 34, "Aucun : tous les sièges sont pourvus.", fill=GREY)
    yield _line((MARGIN, floor), (WIDTH - MARGIN, floor), GREY)
    every = 1 + len(weeks) // 27
    for at, it in enumerate(weeks):
        x, tall = MARGIN + wide * at, HEIGHT * it.holes / most
        if it.holes:
            yield _bar((x + wide / 8, floor - tall), wide * 3 / 4, tall, HOLE)
            yield _text(x + wide / 2, floor - tall - 5, str(it.holes), anchor="middle")
        if at % every == 0:
            yield _text(x + wide / 2, floor + 16, it.name, anchor="middle", fill=GREY)


def _graduations(most: float) -> list[int]:
    """Round whole numbers from 0 to the largest value, few enough to be read."""
    steps = (step * 10**power for power in count() for step in STEPS)
    step = next(it for it in steps if most / it <= MOST_LINES)
    return list(takewhile(lambda value: value <= most, count(0, step)))


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _text(
    x: float, y: float, words: str, *, size: int = 12, anchor: str = "start", fill: str = INK
) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}"'
    return f"<text {place}>{escape(words)}</text>"


def _line(start: Point, end: Point, colour: str, width: float = 1) -> str:
    (x1, y1), (x2, y2) = start, end
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'


def _bar(corner: Point, width: float, height: float, colour: str) -> str:
    x, y = corner
    box = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {box} fill="{colour}"/>'
