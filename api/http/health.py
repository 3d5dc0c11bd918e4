"""Whether the service lives, and whether it can work."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException

from api.http import schemas
from store import session

router = APIRouter(prefix="/health", tags=["Santé du service"])

NOT_READY: dict[int | str, dict[str, Any]] = {
    503: {"description": "Base de données injoignable ou pas à jour", "model": schemas.Problem}
}


@router.get("/live", summary="Le service répond")
def live() -> schemas.Health:
    """Répond sans rien demander à personne."""
    return schemas.Health()


@router.get(
    "/ready", summary="La base de données répond et ses tables sont à jour", responses=NOT_READY
)
def ready(request: Request) -> schemas.Health:
    """Refuse (503) tant que la base ne répond pas ou que ses migrations ne sont pas faites."""
    if not session.is_migrated(request.app.state.engine):
        raise HTTPException(503)
    return schemas.Health()
