"""For whom each route is: everything is refused that is not listed here.

`admit` runs before every handler of the application, pages included. The files served under
`MOUNTS` hold no data of anybody and pass by no handler.
"""

from starlette.requests import Request

from api import gate
from api.services import access

PUBLIC = frozenset(
    {
        "/",
        "/medecins",
        "/carte",
        "/gardes",
        "/mentions",
        "/api/v1/listing",
        "/api/v1/communes",
        "/health/live",
        "/health/ready",
        "/openapi.json",
    }
)
DESK = frozenset({"/regulation", "/api/v1/availability"})
MOUNTS = frozenset({"/static", "/static/leaflet"})


def admit(request: Request) -> None:
    """Let the request in, or raise `errors.Forbidden`: an unlisted route has no audience."""
    path = getattr(request.scope.get("route"), "path", "")
    access.require(_may_enter(path, gate.viewer(request)))


def _may_enter(path: str, viewer: access.Viewer) -> access.Answer:
    if path in PUBLIC:
        return access.Answer(True, access.Reason.OPEN_TO_ALL)
    if path in DESK:
        return access.may_search_duty(viewer)
    return access.Answer(False, access.Reason.NO_AUDIENCE)
