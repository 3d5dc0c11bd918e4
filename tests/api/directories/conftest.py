"""Directories that run on this machine, and a time that passes only when somebody waits."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest

from api.directories.calling import Caller, Limits, Timing
from tests.api.directories.server import Local, running
from tests.store.rows import NOON

SHORT = Limits(connect_seconds=2, read_seconds=0.5)
"""For a server that never answers: the test need not wait for long."""

Open = Callable[..., Caller]


class Time:
    """Noon, and later after each wait; chance is always one half."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.passed += seconds

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.passed)

    def timing(self) -> Timing:
        return Timing(now=self.now, clock=lambda: self.passed, sleep=self.sleep, draw=lambda: 0.5)


@pytest.fixture(autouse=True)
def _without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def server() -> Iterator[Local]:
    yield from running()


@pytest.fixture
def elsewhere() -> Iterator[Local]:
    """Another server, to which nobody should go."""
    yield from running()


@pytest.fixture
def opened(server: Local, time: Time) -> Iterator[Open]:
    """Opens callers of the server: `opened("ban")`, `opened(limits=SHORT, told=...)`."""
    with ExitStack() as closing:

        def open_one(name: str = "ban", **said: Any) -> Caller:
            url = said.pop("url", server.url)
            return closing.enter_context(Caller(name, url, time.timing(), **said))

        yield open_one
