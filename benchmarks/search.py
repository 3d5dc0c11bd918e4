"""The search of centre 15 on the store of the demo, in process, one request after the other."""

import asyncio
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import quantiles

import httpx

from api import demo, gate
from api.app import create_app
from api.settings import Settings
from benchmarks.measure import Contender

DAY = date(2026, 11, 21)
MORNING = datetime(2026, 11, 21, 8, tzinfo=UTC)
REQUESTS = 500
COLUMNS = ("requests a second", "p50 ms", "p99 ms")
SEARCH = "/api/v1/availability?code_insee=57463"
ALIVE = "/health/live"


def store() -> Path:
    """A demo in a folder of its own, which the system clears."""
    folder = Path(tempfile.mkdtemp(prefix="releve-bench-"))
    demo.make(folder, seed=1, day=DAY, now=MORNING, tell=lambda *_: None)
    return folder


def search(folder: Path) -> tuple[str, ...]:
    return _asked(folder, SEARCH)


def alive(folder: Path) -> tuple[str, ...]:
    return _asked(folder, ALIVE)


def _asked(folder: Path, address: str) -> tuple[str, ...]:
    app = create_app(Settings(database_url=demo.database_url(folder), demo=True))
    app.dependency_overrides[gate.now] = lambda: MORNING
    taken = asyncio.run(_timed(httpx.ASGITransport(app), address))
    app.state.engine.dispose()
    hundredths = quantiles(taken, n=100)
    return f"{len(taken) / sum(taken):.0f}", *(f"{1000 * hundredths[at]:.1f}" for at in (49, 98))


async def _timed(transport: httpx.ASGITransport, address: str) -> list[float]:
    taken = []
    async with httpx.AsyncClient(transport=transport, base_url="http://releve") as client:
        for _ in range(REQUESTS):
            begun = time.perf_counter()
            (await client.get(address)).raise_for_status()
            taken.append(time.perf_counter() - begun)
    return taken


CONTENDERS = (
    Contender(f"search, {REQUESTS} requests", store, search),
    Contender(f"`{ALIVE}`, {REQUESTS} requests: what the frame costs alone", store, alive),
)
"""What a search costs beyond the frame is the difference of the two."""
