"""Errors as pages for people; the sentences come from whoever refuses."""

from http import HTTPStatus

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from api import gate
from api.pages import entrance, rendering


def error_page(request: Request, status: int, title: str, detail: str) -> Response:
    """The page of an error: what happened, and the way out, which may be to log in."""
    if status == HTTPStatus.UNAUTHORIZED:
        return entrance.form(gate.settings(request), said=detail, then=_here(request))
    page = rendering.render(
        "pages/error.html",
        demo=gate.settings(request).demo,
        here="",
        status=status,
        title=title,
        detail=detail,
    )
    return HTMLResponse(page, status_code=status)


def _here(request: Request) -> str:
    """Where the person was going, to go on there; only a page that is read can be gone to."""
    if request.method != "GET":
        return ""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
