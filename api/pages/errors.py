"""Errors as pages for people; the sentences come from whoever refuses."""

from http import HTTPStatus

from fastapi import Request, Response

from api import gate
from api.pages import drawing, entrance


def error_page(request: Request, status: int, title: str, detail: str) -> Response:
    """The page of an error: what happened, and the way out, which may be to log in."""
    if status == HTTPStatus.UNAUTHORIZED:
        return entrance.form(gate.settings(request), said=detail, then=_here(request))
    return drawing.draw(
        gate.settings(request),
        "pages/error.html",
        "",
        status=status,
        code=status,
        title=title,
        detail=detail,
    )


def _here(request: Request) -> str:
    """Where the person was going, to go on there; only a page that is read can be gone to."""
    if request.method != "GET":
        return ""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
