"""The log tells what happened and nothing of anybody, whatever is sent and whatever fails."""

import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy.exc import OperationalError
from starlette.routing import Mount

from api import gate, logs
from tests.api import commands
from tests.api.http.conftest import KEYS, TOKEN, Build, Client
from tests.house.sources import ROOT

NAME, FIRST_NAME, PHONE, NIR = "Zwicklambert", "Éléonorine", "0698754321", "285057800608436"
LATITUDE, LONGITUDE, GUESS = "48.693217", "6.183456", "tok-Q7w8E9r0T1y2U3i4"
MARKS = (NAME, FIRST_NAME, "onorine", PHONE, NIR, LATITUDE, LONGITUDE, GUESS, TOKEN, KEYS)

SENT = {
    "lat": LATITUDE,
    "lon": LONGITUDE,
    "lieu": f"{LATITUDE} {LONGITUDE}",
    "rayon": PHONE,
    "moment": NAME,
    "commune": NAME,
    "semaine": FIRST_NAME,
    "at": PHONE,
    "name": NAME,
}
WELL_SENT = {"lat": LATITUDE, "lon": LONGITUDE, "lieu": f"{LATITUDE},{LONGITUDE}", "rayon": "12"}
BODY = {
    "family_name": NAME,
    "phone": PHONE,
    "nir": NIR,
    "lat": LATITUDE,
    "email": f"{NAME}@example.org",
    "password": GUESS,
    "code": PHONE,
}
"""Sent as JSON and as a form."""
HEADERS = {
    "origin": "http://releve",
    "x-request-id": PHONE,
    "user-agent": NAME,
    "referer": f"http://releve/regulation?lieu={LATITUDE}",
    "cookie": f"session={GUESS}",
    "x-forwarded-for": PHONE,
    "accept": "text/html",
}
OTHER_METHODS = ("POST", "PUT", "DELETE", NAME.upper())
PATIENCE_SECONDS = 60


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Everything that any logger writes, from the lowest level on, as the service writes it."""
    written = io.StringIO()
    handler = logs.Lines(written)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)


def told(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def marks_in(text: str) -> list[str]:
    low = text.lower()
    return [mark for mark in MARKS if mark.lower() in low]


def templates(client: Client) -> list[str]:
    served = [route for route in client.app.routes if not isinstance(route, Mount)]
    mounts = [f"{route.path}/" for route in client.app.routes if isinstance(route, Mount)]
    return [*(str(route.path) for route in iter_route_contexts(served)), *mounts]


def filled(template: str) -> str:
    """The path with marks in its places, and after it where that is a folder."""
    parts = [NAME if part.startswith("{") else part for part in template.split("/")]
    return "/".join(parts) + (f"{FIRST_NAME}-{PHONE}" if template.endswith("/") else "")


def ask_everything(client: Client) -> set[int]:
    """Ask every route with every method, with marks wherever something can be sent."""
    seen = set()
    ways = [
        ("GET", query, token, "json") for query in (SENT, WELL_SENT) for token in (TOKEN, GUESS)
    ]
    ways += [(method, SENT, TOKEN, "json") for method in OTHER_METHODS]
    ways += [("POST", {}, GUESS, "data")]
    for template in [*templates(client), f"/{NAME}/"]:
        for method, query, token, kind in ways:
            said = client.request(
                method,
                filled(template),
                params=query,
                headers=HEADERS | {"authorization": f"Bearer {token}"},
                **{kind: BODY},
            )
            seen.add(said.status_code)
    return seen


def failing_with_marks(*_: object) -> None:
    raise ValueError(f"Mme {NAME} {FIRST_NAME}, {PHONE}, {LATITUDE}")


def failing_database(*_: object) -> None:
    raise OperationalError("SELECT :a", {"a": NAME}, Exception(f"could not read {NAME} {PHONE}"))


def test_no_route_brings_anything_of_anybody_into_the_log(
    build: Build, stream: io.StringIO
) -> None:
    client = build(desk_token=TOKEN)

    assert {200, 401, 404, 405, 422} <= ask_everything(client)

    assert marks_in(stream.getvalue()) == []
    answered = [line for line in told(stream) if line["event"] == "request answered"]
    assert {line["route"] for line in answered} >= {
        "/regulation",
        "/api/v1/availability",
        "mounted",
        None,
    }
    assert {line["method"] for line in answered} == {"GET", "POST", "PUT", "DELETE", "OTHER"}
    assert all(line["milliseconds"] >= 0 for line in answered)


@pytest.mark.parametrize(
    ("failing", "status"), [(failing_with_marks, 500), (failing_database, 503)]
)
def test_no_failure_brings_anything_of_anybody_into_the_log(
    build: Build, stream: io.StringIO, failing: Any, status: int
) -> None:
    client = build(desk_token=TOKEN)
    client.app.state.open_session = failing

    assert status in ask_everything(client)

    assert marks_in(stream.getvalue()) == []
    errors = [line for line in told(stream) if line["level"] == "error"]
    assert any(line["event"].startswith(f"status {status}: ") for line in errors)
    assert any("at test_logs.py:" in line["event"] for line in errors)


def test_a_handler_that_fails_leaves_its_kind_and_its_place(
    build: Build, stream: io.StringIO
) -> None:
    client = build(desk_token=TOKEN)
    client.app.dependency_overrides[gate.now] = lambda: failing_with_marks()

    assert 500 in ask_everything(client)

    assert marks_in(stream.getvalue()) == []


@pytest.mark.filterwarnings("ignore")
def test_a_database_without_tables_leaves_nothing_of_the_query(
    build: Build, bare_database_url: str, stream: io.StringIO
) -> None:
    client = build(desk_token=TOKEN, database_url=bare_database_url)

    assert ask_everything(client) & {500, 503}

    client.app.state.engine.dispose()
    assert marks_in(stream.getvalue()) == []


def test_every_line_of_a_request_bears_the_id_of_its_answer(
    build: Build, stream: io.StringIO
) -> None:
    client = build(desk_token=TOKEN)
    client.app.state.open_session = failing_with_marks

    answer = client.get("/api/v1/listing")

    assert answer.status_code == 500
    ours = [line for line in told(stream) if line["logger"].startswith(("api", "releve"))]
    assert len(ours) == 2
    assert {line["request_id"] for line in ours} == {answer.headers["x-request-id"]}
    assert [line["status"] for line in ours if "status" in line] == [500]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("5c0e8f1d2b7a4963a1d8e4f70b3c9d26", True),
        ("5C0E8F1D-2B7A-4963-A1D8-E4F70B3C9D26", True),
        (PHONE, False),
        (NIR, False),
        (NAME, False),
        ("a" * 31, False),
        ("a" * 64, False),
        ("", False),
    ],
)
def test_the_id_of_a_proxy_is_kept_if_it_can_be_nothing_else(
    client: Client, given: str, kept: bool
) -> None:
    answered = client.get("/health/live", headers={"x-request-id": given}).headers["x-request-id"]

    assert (answered == given.lower()) is kept
    assert logs.WELL_FORMED.fullmatch(answered)


def test_two_requests_have_two_ids(client: Client) -> None:
    ids = {client.get("/health/live").headers["x-request-id"] for _ in range(3)}

    assert len(ids) == 3


@pytest.fixture
def _uvicorn_as_it_comes() -> Iterator[None]:
    """A server that another test has started leaves the loggers of uvicorn as it set them."""
    loggers = [logging.getLogger(name) for name in ("uvicorn", "uvicorn.error")]
    before = [(it.level, it.propagate, it.disabled) for it in loggers]
    for it in loggers:
        it.setLevel(logging.NOTSET)
        it.propagate, it.disabled = True, False
    yield
    for it, (level, propagate, disabled) in zip(loggers, before, strict=True):
        it.setLevel(level)
        it.propagate, it.disabled = propagate, disabled


@pytest.mark.usefixtures("_uvicorn_as_it_comes")
def test_of_libraries_the_template_is_told_or_nothing(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info('%s - "WebSocket %s" 403', PHONE, f"/?lieu={NAME}")
    logging.getLogger("asyncio").error(f"never retrieved: {NAME}")  # noqa: G004
    logging.getLogger("strange.library").info("Hello %s", NAME)
    logging.getLogger("uvicorn.error").error(ValueError(NAME))

    assert marks_in(stream.getvalue()) == []
    assert [line["event"] for line in told(stream)] == [
        '%s - "WebSocket %s" 403',
        logs.WITHHELD,
        logs.WITHHELD,
    ]
    assert all(line["place"].startswith("test_logs.py:") for line in told(stream)[1:])


def test_an_error_is_told_by_kind_and_place(stream: io.StringIO) -> None:
    try:
        failing_with_marks()
    except ValueError:
        logging.getLogger("releve.jobs").exception("it failed")

    (line,) = told(stream)
    assert line["error"].startswith("ValueError at test_logs.py:")
    assert marks_in(stream.getvalue()) == []


def test_a_line_that_cannot_be_written_is_replaced_by_where_it_came_from(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    others = [it for it in root.handlers if not isinstance(it, logs.Lines)]
    for handler in others:
        root.removeHandler(handler)

    logging.getLogger("releve.jobs").warning("%d of us", NAME)

    for handler in others:
        root.addHandler(handler)
    (line,) = told(stream)
    assert line["event"] == "a line could not be written"
    assert line["place"].startswith("test_logs.py:")
    assert marks_in(stream.getvalue() + capsys.readouterr().err) == []


def test_an_error_without_a_trace_is_told_by_its_kind() -> None:
    assert logs.placed(ValueError(NAME)) == "ValueError"


@contextmanager
def running(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A command of Relève in a process of its own, on a store of its own."""
    environment = os.environ | {
        "RELEVE_DATABASE_URL": f"sqlite:///{folder / 'a.sqlite3'}",
        "RELEVE_DESK_TOKEN": TOKEN,
        "RELEVE_SECRET_KEYS": KEYS,
        "RELEVE_LOG_LEVEL": "debug",
    }
    with (folder / "stderr").open("w") as stderr:
        process = subprocess.Popen(  # noqa: S603 - nothing here comes from outside
            [sys.executable, "-c", "from api.cli import main; main()", *words],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            text=True,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_SECONDS)


def lines_of(folder: Path, event: str) -> Sequence[dict[str, Any]]:
    """Every line, each a JSON object, once one of them tells of `event`."""
    end = time.monotonic() + PATIENCE_SECONDS
    while event not in (text := (folder / "stderr").read_text(encoding="utf-8")):
        assert time.monotonic() < end, text
        time.sleep(0.1)
    return [json.loads(line) for line in text.splitlines() if line.endswith("}")]


def sent_raw(port: int, text: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(text.encode())
        connection.recv(1000)


def test_the_served_site_writes_json_lines_and_no_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELEVE_DATABASE_URL", f"sqlite:///{tmp_path / 'a.sqlite3'}")
    monkeypatch.setenv("RELEVE_DEMO", "true")
    commands.run("migrate")
    monkeypatch.undo()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with running(tmp_path, "serve", "--port", str(port)):
        lines_of(tmp_path, "Uvicorn running")
        httpx.get(f"http://127.0.0.1:{port}/regulation", params=SENT, headers=HEADERS)
        sent_raw(port, f"GET /gardes?semaine={NAME} HTTP/9.9\r\nx: {PHONE}\r\n\r\n")
        sent_raw(port, f"{NAME}\r\n\r\n")
        upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"
        key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
        sent_raw(
            port,
            f"GET /regulation?lieu={LATITUDE} HTTP/1.1\r\nHost: a\r\n{upgrade}\r\n{key}\r\n\r\n",
        )
        lines = lines_of(tmp_path, "request answered")

    text = (tmp_path / "stderr").read_text(encoding="utf-8")
    assert marks_in(text) == []
    assert [json.loads(line) for line in text.splitlines()][: len(lines)] == list(lines)
    assert ("/regulation", 401) in {(line.get("route"), line.get("status")) for line in lines}


def test_the_runner_of_jobs_writes_json_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELEVE_DATABASE_URL", f"sqlite:///{tmp_path / 'a.sqlite3'}")
    monkeypatch.setenv("RELEVE_DEMO", "true")
    commands.run("migrate")
    monkeypatch.undo()

    with running(tmp_path, "jobs"):
        lines = lines_of(tmp_path, "Scheduler started")

    assert all({"time", "level", "logger", "event"} <= line.keys() for line in lines)


# What Python prints by itself with all its words, in a process of its own.
UNCAUGHT = """
import threading, warnings
from api import logs
logs.install("info")
def fail():
    raise ValueError("{name}")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
warnings.warn("{name}")
fail()
"""


def test_what_nobody_catches_is_logged_and_not_printed() -> None:
    ended = subprocess.run(  # noqa: S603 - nothing here comes from outside
        [sys.executable, "-c", UNCAUGHT.format(name=NAME)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert marks_in(ended.stderr) == []
    events = [json.loads(line)["event"] for line in ended.stderr.splitlines()]
    assert events == [
        "uncaught: ValueError at <string>:6",
        logs.WITHHELD,
        "uncaught: ValueError at <string>:6",
    ]
