"""What the service writes about itself: one JSON object a line on standard error, about nobody.

A line says what happened and where, never to whom. Of an address only the template of its route is
told; of an error only its kind and its place, for its words may name somebody. Of the libraries we
use, some are known to keep personal data out of their templates: those are told without what fills
them. Of all others nothing is told but that they had something to say, from a warning upwards.
"""

import json
import logging
import re
import secrets
import sys
import threading
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from traceback import walk_tb
from typing import Any, Protocol, TextIO

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("releve.requests")

OURS = frozenset({"api", "compilation", "fixtures", "matcher", "releve", "scheduler", "store"})
"""First words of the loggers, and of the modules, that keep the rules of this page."""

KNOWN = frozenset({"alembic", "apscheduler", "uvicorn"})
"""First words of the loggers whose templates hold no personal data."""

WITHHELD = "a message of a library, withheld"

REQUEST_ID = "x-request-id"

WELL_FORMED = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""What proxies draw: 32 hexadecimal digits or a UUID. Anything shorter or freer could be a name
or a telephone number, and would end in the log."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

OTHER = "OTHER"
"""Any other method: it is free text of whoever asks."""

MOUNTED = "mounted"
"""The route of whatever is asked of a mounted folder or application."""

_current_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def request_id() -> str | None:
    """The id of the request that is being answered; None outside of one."""
    return _current_id.get()


def placed(error: BaseException) -> str:
    """The kind of an error, the file and line where it was raised, and where in our own code."""
    places = [
        (f"{Path(frame.f_code.co_filename).name}:{line}", _is_ours(frame.f_globals))
        for frame, line in walk_tb(error.__traceback__)
    ]
    if not places:
        return type(error).__name__
    raised = places[-1][0]
    ours = [place for place, mine in places if mine] or [raised]
    reached = "" if ours[-1] == raised else f", reached from {ours[-1]}"
    return f"{type(error).__name__} at {raised}{reached}"


def _is_ours(names: MutableMapping[str, Any]) -> bool:
    return str(names.get("__name__")).partition(".")[0] in OURS


class JSONLine(logging.Formatter):
    """Writes a record as one JSON object, with the rules of this page."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        if (current := request_id()) is not None:
            said["request_id"] = current
        if said["event"] == WITHHELD:
            said["place"] = _place(record)
        said |= getattr(record, "told", {})
        if record.exc_info and record.exc_info[1] is not None:
            said["error"] = placed(record.exc_info[1])
        return json.dumps(said, ensure_ascii=False)


def _event(record: logging.LogRecord) -> str:
    family = _family(record)
    if family in OURS:
        return record.getMessage()
    if family in KNOWN and isinstance(record.msg, str):
        return record.msg.strip().partition("\n")[0]
    return WITHHELD


def _place(record: logging.LogRecord) -> str:
    return f"{Path(record.pathname).name}:{record.lineno}"


def _family(record: logging.LogRecord) -> str:
    return record.name.partition(".")[0]


class Lines(logging.StreamHandler[TextIO]):
    """Writes JSON lines; what cannot be written is replaced by where it came from."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.setFormatter(JSONLine())
        self.addFilter(_is_told)

    def handleError(self, record: logging.LogRecord) -> None:
        """Say where an unwritable line came from: the usual answer would print all of it."""
        with suppress(OSError, ValueError):
            event = "a line could not be written"
            line = {"level": "error", "event": event, "place": _place(record)}
            self.stream.write(json.dumps(line) + self.terminator)


def _is_told(record: logging.LogRecord) -> bool:
    """Of strangers only warnings and errors."""
    return record.levelno >= logging.WARNING or _family(record) in OURS | KNOWN


def install(level: str) -> None:
    """Have the whole process log on standard error, from `level` (such as `info`) upwards.

    Uncaught errors and warnings, which Python prints with all their words, are logged instead.
    """
    root = logging.getLogger()
    for former in [it for it in root.handlers if isinstance(it, Lines)]:
        root.removeHandler(former)
    root.addHandler(Lines(sys.stderr))
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    sys.excepthook = lambda _kind, error, _trace: _uncaught(error)
    threading.excepthook = lambda raised: _uncaught(raised.exc_value)
    sys.unraisablehook = lambda raised: _uncaught(raised.exc_value)


def _uncaught(error: BaseException | None) -> None:
    LOG.critical("uncaught: %s", placed(error) if error else "unknown")


@dataclass
class Exchange:
    """A request and what became of it."""

    method: str
    """One of `METHODS`, or `OTHER`."""
    route: str | None = None
    """The template of its route, such as `/patients/{patient_id}`; None for an unknown address."""
    status: int | None = None
    """None if whoever asked was gone before the answer."""
    seconds: float = 0.0
    """From the first look at the request to the last byte of the answer."""


class Observer(Protocol):
    """Wants to know of the requests of an application."""

    def begun(self) -> None:
        """A request has come."""

    def answered(self, exchange: Exchange) -> None:
        """It was answered, or given up."""


class RequestLog:
    """Gives each request an id, and logs it once it is answered; stands around all the rest."""

    def __init__(self, app: ASGIApp, observers: Sequence[Observer] = ()) -> None:
        self.app = app
        self.observers = observers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Never put back: a request is answered in a task of its own, and what the server has to say
        # of it afterwards bears the id too.
        drawn = _given_id(scope) or secrets.token_hex(16)
        _current_id.set(drawn)
        exchange = Exchange(_method(scope))

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = drawn
            await send(message)

        await self._observed(exchange, self.app(scope, receive, noting), scope)

    async def _observed(self, exchange: Exchange, answer: Any, scope: Scope) -> None:
        for observer in self.observers:
            observer.begun()
        begun = perf_counter()
        try:
            await answer
        except Exception:
            # It is answered further outside.
            exchange.status = exchange.status or 500
            raise
        finally:
            exchange.seconds = perf_counter() - begun
            exchange.route = _route(scope)
            for observer in self.observers:
                observer.answered(exchange)
            _log(exchange)


def _given_id(scope: Scope) -> str | None:
    given = Headers(scope=scope).get(REQUEST_ID, "")
    return given.lower() if WELL_FORMED.fullmatch(given) else None


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else OTHER


def _route(scope: Scope) -> str | None:
    template: str | None = getattr(scope.get("route"), "path", None)
    return MOUNTED if template is None and "endpoint" in scope else template


def _log(exchange: Exchange) -> None:
    told = {
        "route": exchange.route,
        "method": exchange.method,
        "status": exchange.status,
        "milliseconds": round(exchange.seconds * 1000, 1),
    }
    failed = exchange.status is not None and exchange.status >= 500  # noqa: PLR2004
    LOG.log(logging.ERROR if failed else logging.INFO, "request answered", extra={"told": told})
