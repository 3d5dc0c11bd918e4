"""The gate every request passes: on which store, at what time, for whom.

Both kinds of edge, the interface for programs (`api.http`) and the pages (`api.pages`), take
these as dependencies. Nothing here decides what a viewer may see: `api.services.access` does.
"""

import base64
import binascii
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from api.services import access, credentials, entry, keys
from api.settings import Settings

COOKIE, DEMO_COOKIE = "__Host-releve", "releve-demo"
"""What a browser keeps of having entered. The prefix makes it refuse the cookie without TLS, or
from another host; the demonstration has no TLS."""


def settings(request: Request) -> Settings:
    """The settings the application was built with."""
    built: Settings = request.app.state.settings
    return built


def session(request: Request) -> Iterator[Session]:
    """A session for the length of a request, closed without writing."""
    with request.app.state.open_session() as opened:
        yield opened


def writing_session(request: Request) -> Iterator[Session]:
    """A session that writes; whoever takes it commits it, once."""
    with request.app.state.open_writing_session() as opened:
        yield opened


def now() -> datetime:
    """The present instant, in UTC. Tests put another function in the place of this one."""
    return datetime.now(UTC)


Now = Annotated[datetime, Depends(now)]


def viewer(request: Request, moment: Now) -> access.Viewer:
    """For whom the request is made.

    A browser shows the cookie it was given when somebody entered. A program shows its key, or the
    desk of centre 15 its token, as `Authorization: Bearer ...` or as the password of `Basic`.
    What is wrong or over is the public, exactly like nothing.
    """
    built = settings(request)
    entered = _entered(request, moment)
    if entered is not None:
        return entered
    if built.demo:
        return access.DEMO
    given = _token(request.headers.get("authorization", ""))
    expected = built.desk_token.get_secret_value() if built.desk_token else ""
    if expected and secrets.compare_digest(given.encode(), expected.encode()):
        return access.DESK
    return _program(request, given, moment) if given.startswith(keys.PREFIX) else access.PUBLIC


def cookie_name(built: Settings) -> str:
    """Under which name a browser keeps the token of a session."""
    return DEMO_COOKIE if built.demo else COOKIE


def token(request: Request) -> str:
    """The token of the session that a browser shows; empty without one."""
    return request.cookies.get(cookie_name(settings(request)), "")


def _entered(request: Request, moment: datetime) -> access.Viewer | None:
    shown = token(request)
    if not shown:
        return None
    with request.app.state.open_session() as opened:
        found = entry.viewer(opened, shown, moment)
    if found is not None and found.of_the_demo and not settings(request).demo:
        return None
    if found is not None and found.stirs:
        with request.app.state.open_writing_session() as opened:
            entry.seen(opened, shown, moment)
            opened.commit()
    return None if found is None else found.viewer


def _program(request: Request, key: str, moment: datetime) -> access.Viewer:
    with request.app.state.open_session() as opened:
        return entry.program(opened, credentials.token_digest(key), moment) or access.PUBLIC


def _token(authorization: str) -> str:
    scheme, _, shown = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return shown.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(shown, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


CurrentSettings = Annotated[Settings, Depends(settings)]
CurrentSession = Annotated[Session, Depends(session)]
WritingSession = Annotated[Session, Depends(writing_session)]
CurrentViewer = Annotated[access.Viewer, Depends(viewer)]
