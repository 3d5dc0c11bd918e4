"""The questions that programs ask: who is on duty, who accepts patients, what is published."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from api import gate
from api.http import schemas
from api.services import availability, instants, listing

router = APIRouter(prefix="/api/v1")

PROBLEMS: dict[int | str, dict[str, Any]] = {
    422: {"description": "Demande invalide", "model": schemas.Problem},
    503: {"description": "Base de données indisponible", "model": schemas.Problem},
}
DESK_ONLY: dict[int | str, dict[str, Any]] = {
    401: {"description": "Réservé à la régulation", "model": schemas.Problem},
}


@router.get(
    "/availability",
    tags=["Régulation"],
    summary="Médecins de garde autour d'un lieu, du plus proche au plus lointain",
    responses=PROBLEMS | DESK_ONLY,
)
def find_doctors_on_duty(
    *,
    asked: Annotated[schemas.AvailabilityQuery, Query()],
    response: Response,
    session: gate.CurrentSession,
    viewer: gate.CurrentViewer,
    now: gate.Now,
    settings: gate.CurrentSettings,
) -> schemas.Availability:
    """Médecins de garde à l'instant demandé ou dans les 72 heures qui suivent.

    Le lieu est donné par `lat` et `lon`, ou par `code_insee`. Sans médecin, la réponse dit
    pourquoi, et à quelle distance se trouve le plus proche.
    """
    found = availability.near(
        session,
        viewer,
        now,
        place=availability.place_from(asked.lat, asked.lon, asked.code_insee),
        at=None if asked.at is None else instants.read(asked.at, ZoneInfo(settings.timezone)),
        within_km=asked.within_km,
    )
    response.headers["cache-control"] = "no-store"
    return schemas.Availability.model_validate(found)


@router.get(
    "/listing",
    tags=["Publication"],
    summary="Médecins qui acceptent de nouveaux patients",
    responses=PROBLEMS,
)
def list_accepting_doctors(
    asked: Annotated[schemas.ListingQuery, Query()],
    session: gate.CurrentSession,
    viewer: gate.CurrentViewer,
    now: gate.Now,
) -> schemas.Listing:
    """Médecins installés qui ont des places, par commune puis par nom."""
    found = listing.accepting_doctors(session, viewer, now, asked.code_insee)
    return schemas.Listing.model_validate({"doctors": found})


@router.get(
    "/communes",
    tags=["Publication"],
    summary="Chiffres du dernier appariement, par commune",
    responses={503: PROBLEMS[503]},
)
def list_commune_figures(
    session: gate.CurrentSession, viewer: gate.CurrentViewer
) -> schemas.Communes:
    """Personnes sans médecin traitant et places ouvertes ; sous le seuil, un nombre est masqué."""
    return schemas.Communes.model_validate(listing.commune_figures(session, viewer))
