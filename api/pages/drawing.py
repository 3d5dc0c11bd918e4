"""Pages as answers: what every page is told, and its status."""

from http import HTTPStatus
from typing import Any

from fastapi.responses import HTMLResponse

from api.pages import rendering
from api.settings import Settings


def draw(
    settings: Settings, template: str, here: str, *, status: int = HTTPStatus.OK, **content: Any
) -> HTMLResponse:
    """The page of a template; `here` is its address in the menu, empty if it has none."""
    page = rendering.render(template, demo=settings.demo, here=here, **content)
    return HTMLResponse(page, status_code=status)
