"""Errors as pages for people; the sentences come from whoever refuses."""

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from api import gate
from api.pages import rendering


def error_page(request: Request, status: int, title: str, detail: str) -> Response:
    """The page of an error: what happened, and the way out."""
    page = rendering.render(
        "pages/error.html",
        demo=gate.settings(request).demo,
        here="",
        status=status,
        title=title,
        detail=detail,
    )
    return HTMLResponse(page, status_code=status)
