"""A real HTTP server on this machine: it answers as it is told, and remembers what it was asked."""

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LONG_ENOUGH_SECONDS = 30
"""A slow answer is given up long before, or when the test ends."""


@dataclass(frozen=True)
class Request:
    """What arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def parts(self) -> dict[str, list[str]]:
        """The fields of a form with a file, by name."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = BytesParser(EmailMessage, policy=default).parsebytes(head + self.body)
        told: dict[str, list[str]] = {}
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            told.setdefault(str(name), []).append(bytes(content).decode())  # type: ignore[arg-type]
        return told


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    slow: bool = False
    """Nothing is sent before the test is over."""
    announced: int | None = None
    """Bytes that the header promises, if they are not those of the body."""


def said(value: Any, status: int = 200, **headers: str) -> Reply:
    """JSON; underscores in the names of headers are hyphens."""
    named = {name.replace("_", "-"): it for name, it in headers.items()}
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json"} | named)


Answers = Callable[[Request], Reply]


class Quiet(ThreadingHTTPServer):
    """Who is asked does not mind that somebody hung up."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            raise


class Local:
    """The server: give it `answers`, ask at `url`, and look at `requests`."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: Answers = lambda _: Reply(status=404)
        self.over = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer._answer(self)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                """Nothing: what the tests print is theirs."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def replies(self, *replies: Reply) -> None:
        """Answer with these, one after the other, the last one for ever."""
        left = list(replies)
        self.answers = lambda _: left.pop(0) if len(left) > 1 else left[0]

    def stop(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        split = urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length", 0))
        request = Request(
            method=handler.command,
            path=unquote(split.path),
            query={name: it[0] for name, it in parse_qs(split.query, True).items()},
            headers={name.lower(): it for name, it in handler.headers.items()},
            body=handler.rfile.read(length),
        )
        self.requests.append(request)
        reply = self.answers(request)
        if reply.slow:
            self.over.wait(LONG_ENOUGH_SECONDS)
            handler.close_connection = True
            return
        handler.send_response(reply.status)
        for name, it in reply.headers.items():
            handler.send_header(name, it)
        size = len(reply.body) if reply.announced is None else reply.announced
        handler.send_header("Content-Length", str(size))
        handler.end_headers()
        handler.wfile.write(reply.body)
        handler.close_connection = reply.announced is not None


def running() -> Iterator[Local]:
    """A server for the length of a test."""
    local = Local()
    try:
        yield local
    finally:
        local.stop()
