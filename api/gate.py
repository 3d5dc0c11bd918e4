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

from api.services import access
from api.settings import Settings


def settings(request: Request) -> Settings:
    """The settings the application was built with."""
    built: Settings = request.app.state.settings
    return built


def session(request: Request) -> Iterator[Session]:
    """A session for the length of a request, closed without writing: requests only read."""
    with request.app.state.open_session() as opened:
        yield opened


def now() -> datetime:
    """The present instant, in UTC. Tests put another function in the place of this one."""
    return datetime.now(UTC)


def viewer(request: Request) -> access.Viewer:
    """For whom the request is made: the desk with its token, or anybody in demonstration mode.

    The token comes as `Authorization: Bearer TOKEN`, or as the password of `Basic`, which is
    what a browser can send. A wrong token is the public, exactly like no token.
    """
    built = settings(request)
    if built.demo:
        return access.DESK
    given = _token(request.headers.get("authorization", ""))
    expected = built.desk_token.get_secret_value() if built.desk_token else ""
    known = bool(expected) and secrets.compare_digest(given.encode(), expected.encode())
    return access.DESK if known else access.PUBLIC


def _token(authorization: str) -> str:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


CurrentSettings = Annotated[Settings, Depends(settings)]
CurrentSession = Annotated[Session, Depends(session)]
CurrentViewer = Annotated[access.Viewer, Depends(viewer)]
Now = Annotated[datetime, Depends(now)]
