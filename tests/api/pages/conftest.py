"""A published territory, a live server on it, and a browser to look at both."""

import os
import shutil
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import uvicorn
from axe_core_python import sync_playwright as axe
from playwright import sync_api as playwright

from api import gate
from api.app import create_app
from api.pages import rendering
from api.services import figures, publication, record
from api.settings import Settings
from fixtures import communes, metz, nancy
from store import session as store_session
from store import tables
from tests.api.http.conftest import KEYS

PARIS = ZoneInfo("Europe/Paris")
DAY = date(2026, 11, 23)
SATURDAY_AT_TEN = datetime(2026, 11, 28, 10, 0, tzinfo=PARIS).astimezone(UTC)
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(frozen=True)
class Published:
    """What a demonstration publishes, as data frames."""

    patients: pl.DataFrame
    doctors: pl.DataFrame
    sites: pl.DataFrame
    slots: pl.DataFrame
    duty_doctors: pl.DataFrame
    roster: pl.DataFrame
    figures: figures.Figures


def frame(rows: Any) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                name: value.astimezone(UTC) if isinstance(value, datetime) else value
                for name, value in asdict(row).items()
            }
            for row in rows
        ],
        infer_schema_length=None,
    )


def publish(patients: int, doctors: int, weeks: int) -> Published:
    around_nancy = nancy.generate(1, DAY, patients, doctors)
    around_metz = metz.generate(1, DAY, weeks)
    people, practices = frame(around_nancy.patients), frame(around_nancy.doctors)
    proposed = {row for row in people["patient_id"] if int(row[1:]) % 10 < 7}
    centres = frame(communes.load())
    return Published(
        patients=people,
        doctors=practices,
        sites=frame(around_metz.sites),
        slots=frame(around_metz.slots),
        duty_doctors=frame(around_metz.duty_doctors),
        roster=least_burdened(around_metz),
        figures=figures.suppress(figures.by_commune(people, proposed, practices, centres)),
    )


def least_burdened(around_metz: metz.Metz) -> pl.DataFrame:
    """A plain roster: each slot to the volunteers with the fewest points, one duty a day."""
    points: Counter[str] = Counter()
    taken: set[tuple[str, date]] = set()
    duties = []
    for slot in around_metz.slots:
        day = slot.start.date()
        able = [row.rpps for row in around_metz.availability if row.slot_id == slot.slot_id]
        free = sorted((r for r in able if (r, day) not in taken), key=lambda r: (points[r], r))
        for rpps in free[: slot.doctors_needed]:
            taken.add((rpps, day))
            points[rpps] += slot.points
            duties.append({"slot_id": slot.slot_id, "rpps": rpps, "points": slot.points})
    return pl.DataFrame(duties)


def a_run(kind: str) -> tables.Run:
    return tables.Run(
        kind=kind,
        day=DAY,
        seed=1,
        status="optimal",
        summary={},
        problem_digest=kind,
        finished_at=datetime(2026, 11, 23, 8, tzinfo=UTC),
    )


def remember(content: Published, database_url: str) -> None:
    store_session.migrate(database_url)
    engine = store_session.open_engine(database_url)
    with store_session.session_factory(engine)() as session:
        record.record_territory(session, communes.load())
        record.record_doctors(session, content.doctors)
        record.record_matching(session, a_run("matching"), content.figures)
        record.record_roster(
            session,
            a_run("roster"),
            sites=content.sites,
            slots=content.slots,
            doctors=content.duty_doctors,
            roster=content.roster,
        )
        session.commit()
    engine.dispose()


def write_files(content: Published, folder: Path) -> None:
    note = rendering.RunNote(DAY, 1, "optimal", {})
    places = publication.points(content.figures, frame(communes.load()))
    names = publication.read_names(content.duty_doctors)
    shifts = publication.read_shifts(content.roster, content.slots, names, PARIS)
    weeks = publication.weeks(shifts, publication.read_places(content.sites))
    loads = publication.read_loads(fairness_of(content), content.duty_doctors)
    around_nancy = rendering.MapFile(
        "Métropole du Grand Nancy", note, places, content.figures.totals, demo=True
    )
    around_metz = rendering.RosterFile("Metz Métropole", note, weeks, loads, demo=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "carte.html").write_text(rendering.map_file(around_nancy), encoding="utf-8")
    (folder / "roster.html").write_text(rendering.roster_file(around_metz), encoding="utf-8")
    rendering.write_assets(folder / "assets")


def fairness_of(content: Published) -> pl.DataFrame:
    loads = content.roster.group_by("rpps").agg(
        pl.len().alias("duties"), pl.col("points").sum().alias("points")
    )
    return (
        content.duty_doctors.select("rpps", "history_points")
        .join(loads, on="rpps", how="left")
        .fill_null(0)
        .with_columns(pl.lit(3.4).alias("target"))
    )


@pytest.fixture(scope="session")
def published() -> Published:
    return publish(patients=900, doctors=60, weeks=2)


@pytest.fixture(scope="session")
def store_url(published: Published, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('pages') / 'releve.sqlite3'}"
    remember(published, url)
    return url


@pytest.fixture(scope="session")
def empty_store_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('empty') / 'releve.sqlite3'}"
    store_session.migrate(url)
    return url


@pytest.fixture(scope="session")
def files(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    write_files(published, folder)
    return folder


@contextmanager
def serving(settings: Settings, now: datetime) -> Iterator[str]:
    """A live server on a free port of this machine, at an instant that stands still."""
    app = create_app(settings)
    app.dependency_overrides[gate.now] = lambda: now
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@pytest.fixture(scope="session")
def site(store_url: str) -> Iterator[str]:
    """The address of the site in demonstration mode, a Saturday at ten."""
    with serving(Settings(database_url=store_url, demo=True), SATURDAY_AT_TEN) as address:
        yield address


@pytest.fixture
def open_site() -> Iterator[Any]:
    """Opens further sites: on another store, at another instant, or outside demonstration."""
    with ExitStack() as opened:

        def start(url: str, *, token: str | None = None, now: datetime = SATURDAY_AT_TEN) -> str:
            settings = Settings(
                database_url=url, demo=token is None, desk_token=token, secret_keys=KEYS
            )
            return opened.enter_context(serving(settings, now))

        yield start


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    # Not for the session: while it lives, no other event loop can run in this thread.
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        if "browser" in os.environ.get("RELEVE_REQUIRE", ""):
            pytest.fail("a browser was required and none is installed")
        pytest.skip("no Chromium is installed here")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=CHROMIUM_OPTIONS)
        yield opened
        opened.close()


@dataclass
class Watched:
    """A browser page that remembers what it asked for and what went wrong."""

    page: playwright.Page
    addresses: list[str]
    complaints: list[str]

    def open(self, address: str) -> None:
        self.page.goto(address, wait_until="load")

    def overflow_px(self) -> int:
        return int(
            self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )

    def violations(self) -> list[str]:
        found = axe.Axe().run(self.page, options={"resultTypes": ["violations"]})["violations"]
        return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


@pytest.fixture
def watched(browser: playwright.Browser) -> Iterator[Any]:
    """Opens watched pages, of a width in pixels, with or without JavaScript."""
    contexts = []

    def look(width: int = 1280, javascript: bool = True) -> Watched:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=javascript, locale="fr-FR"
        )
        contexts.append(context)
        seen = Watched(context.new_page(), [], [])
        seen.page.on("request", lambda request: seen.addresses.append(request.url))
        seen.page.on(
            "console",
            lambda said: seen.complaints.append(said.text) if said.type == "error" else None,
        )
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        return seen

    yield look
    for context in contexts:
        context.close()
