"""A client that speaks to the application in this process, without a server or a network."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api import gate
from api.app import create_app
from api.settings import Settings
from tests.store.rows import NOON

TOKEN = "kq7Zp2Vx9LmN4sTfB8wR3yHc6JdG1uEa"  # noqa: S105 (opens nothing but these tests)
KEYS = "8f3b0a6d5c917e24" * 4


class Client:
    """Asks an application, one question after the other."""

    def __init__(self, app: FastAPI, runner: asyncio.Runner) -> None:
        self.app = app
        self.runner = runner

    def get(self, path: str, **asked: Any) -> httpx.Response:
        return self.request("GET", path, **asked)

    def request(self, method: str, path: str, **asked: Any) -> httpx.Response:
        return self.runner.run(self._request(method, path, **asked))

    async def _request(self, method: str, path: str, **asked: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://releve") as client:
            return await client.request(method, path, **asked)


Build = Callable[..., Client]


@pytest.fixture
def build(database_url: str) -> Iterator[Build]:
    """Builds clients: `build(demo=True)`, `build(desk_token=...)`, `build(now=...)`."""
    opened: list[FastAPI] = []
    with asyncio.Runner() as runner:

        def build_one(now: datetime = NOON, **said: Any) -> Client:
            url = said.pop("database_url", database_url)
            app = create_app(Settings(database_url=url, **({"secret_keys": KEYS} | said)))
            app.dependency_overrides[gate.now] = lambda: now
            opened.append(app)
            return Client(app, runner)

        yield build_one
        for app in opened:
            app.state.engine.dispose()


@pytest.fixture
def client(build: Build) -> Client:
    """A client of the application in demonstration mode."""
    return build(demo=True)
