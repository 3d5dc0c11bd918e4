"""From plain data to HTML: the templates, and the pages that are kept as files.

The files of a run are read from a disk, without a server: what they need stands in an `assets`
folder beside them (`write_assets`), and nothing is asked of any other place.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import markupsafe
from xstatic.pkg import leaflet

from api.files import geojson
from api.pages import labels, words
from api.services import figures, publication

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
LEAFLET = Path(leaflet.BASE_DIR)

MENU = (
    ("/", "Accueil"),
    ("/medecins", "Médecins"),
    ("/carte", "Carte"),
    ("/gardes", "Gardes"),
    ("/regulation", "Centre 15"),
)


@dataclass(frozen=True)
class RunNote:
    """What a page says of the run it shows; `summary` may hold the `gap` to a proof."""

    day: date
    seed: int
    status: str
    summary: Mapping[str, Any]


@dataclass(frozen=True)
class MapFile:
    """All that `carte.html` shows: `territory` is said as the subtitle."""

    territory: str
    run: RunNote
    points: Sequence[geojson.CommunePoint]
    totals: figures.Totals
    demo: bool


@dataclass(frozen=True)
class RosterFile:
    """All that `roster.html` shows, week after week, then doctor after doctor."""

    territory: str
    run: RunNote
    weeks: Sequence[publication.Week]
    loads: Sequence[publication.Load]
    demo: bool


def map_file(content: MapFile) -> str:
    """The map and its table as one page; it needs the folder of `write_assets` beside it."""
    data = geojson.communes(content.points)
    return render("pages/map_file.html", **vars(content), data=data)


def roster_file(content: RosterFile) -> str:
    """The roster as one page to be printed; it needs the folder of `write_assets` beside it."""
    return render("pages/roster_file.html", **vars(content))


def write_assets(folder: Path) -> None:
    """Put sheets, scripts, logo and Leaflet in `folder`, usually `assets` beside the pages."""
    shutil.copytree(STATIC, folder, dirs_exist_ok=True)
    target = folder / "leaflet"
    target.mkdir(exist_ok=True)
    for name in ("leaflet.js", "leaflet.css"):
        shutil.copyfile(LEAFLET / name, target / name)


def render(template: str, **content: Any) -> str:
    """The text of a page. A name that a template asks for and nobody gave is an error."""
    return _ENVIRONMENT.get_template(template).render(content)


def json_block(text: str) -> markupsafe.Markup:
    """JSON that may stand inside a script element: no sign in it can close the element."""
    safe = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    for sign, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        safe = safe.replace(sign, code)
    return markupsafe.Markup(safe)  # noqa: S704 - escaped on the lines above


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(words.FILTERS | labels.FILTERS)
    environment.filters["json_block"] = json_block
    environment.globals["menu"] = MENU
    return environment


_ENVIRONMENT = _environment()
