"""For whom each route is: everything is refused that is not listed here.

`admit` runs before every handler of the application, pages included. The files served under
`MOUNTS` hold no data of anybody and pass by no handler.
"""

from collections.abc import Callable, Mapping

from fastapi import Request

from api import gate
from api.http import metrics
from api.services import access

PUBLIC = frozenset(
    {
        "/",
        "/medecins",
        "/carte",
        "/gardes",
        "/mentions",
        "/connexion",
        "/deconnexion",
        "/api/v1/listing",
        "/api/v1/communes",
        "/health/live",
        "/health/ready",
        "/openapi.json",
    }
)
DESK = frozenset({"/regulation", "/api/v1/availability"})
ACCOUNT = frozenset({"/compte", "/compte/mot-de-passe", "/compte/code", "/compte/sessions"})
DPO = frozenset({"/journal"})
METRICS = frozenset({"/metrics"})
"""For the supervision, with a token of its own: see `metrics.may_read`."""

MOUNTS = frozenset({"/static", "/static/leaflet"})

RULES: Mapping[frozenset[str], Callable[[access.Viewer], access.Answer]] = {
    PUBLIC: lambda _viewer: access.Answer(True, access.Reason.OPEN_TO_ALL),
    DESK: access.may_search_duty,
    ACCOUNT: access.may_see_own_account,
    DPO: access.may_read_journal,
}
"""Every route stands in one of these sets, and who may enter is what its rule says."""


def admit(request: Request, viewer: gate.CurrentViewer) -> None:
    """Let the request in, or raise `errors.Forbidden`: an unlisted route has no audience."""
    path = getattr(request.scope.get("route"), "path", "")
    if path in METRICS:
        access.require(metrics.may_read(request))
    else:
        access.require(_may_enter(path, viewer))


def _may_enter(path: str, viewer: access.Viewer) -> access.Answer:
    for paths, rule in RULES.items():
        if path in paths:
            return rule(viewer)
    return access.Answer(False, access.Reason.NO_AUDIENCE)
