"""How a directory fares, for people: off, never asked, fresh, stale since, down since."""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Engine

from store import directories, tables
from store import session as stores

LOG = logging.getLogger("releve.directories")

DOWN_AFTER = 5
"""Questions in a row without an answer; a few of them happen to everybody."""

FRESH_FOR = timedelta(days=1)
"""So long after its last answer what a directory said is taken for the state of things."""

WRITTEN_EVERY = timedelta(minutes=1)
"""While a directory answers, that is written down no more often."""


class Kind(StrEnum):
    """The words for the state of a directory."""

    OFF = "off"
    """No address in the settings: nothing is sent."""
    UNASKED = "unasked"
    """Nobody has asked it yet."""
    FRESH = "fresh"
    STALE = "stale"
    """What it said is getting old, or it has just begun to fail."""
    DOWN = "down"


@dataclass(frozen=True)
class State:
    """The state of a directory: fresh or stale since its last answer, down since the failure
    after it."""

    kind: Kind
    since: datetime | None = None


def state(known: tables.DirectoryState | None, now: datetime, *, is_on: bool) -> State:
    """How a directory fares, by what the store knows of it."""
    if not is_on:
        return State(Kind.OFF)
    if known is None:
        return State(Kind.UNASKED)
    if known.last_success is None or known.consecutive_failures >= DOWN_AFTER:
        return State(Kind.DOWN, known.failing_since)
    is_old = now - known.last_success > FRESH_FOR
    kind = Kind.STALE if is_old or known.consecutive_failures else Kind.FRESH
    return State(kind, known.last_success)


class Notebook:
    """Writes down how questions ended, each in a transaction of its own; threads may share it.

    What is asked within a transaction that is undone is thus remembered all the same. If the
    database is busy for too long, nothing is written and nothing breaks.
    """

    def __init__(self, engine: Engine) -> None:
        self._write = stores.writing_factory(engine)
        self._lock = threading.Lock()
        self._answered: dict[str, datetime] = {}

    def __call__(self, name: str, usable: bool, now: datetime) -> None:
        """A directory gave a usable answer, or it did not."""
        if not self._is_news(name, usable, now):
            return
        write = directories.answered if usable else directories.failed
        try:
            with self._write() as session:
                write(session, name, now)
                session.commit()
        except stores.Unreachable:
            LOG.warning("the state of %s was not written: the database is busy", name)

    def _is_news(self, name: str, usable: bool, now: datetime) -> bool:
        with self._lock:
            before = self._answered.pop(name, None)
            if not usable:
                return True
            is_news = before is None or now - before >= WRITTEN_EVERY
            self._answered[name] = now if is_news or before is None else before
            return is_news
