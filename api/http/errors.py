"""How a refusal is said: status and French sentence of every error, as RFC 9457 asks.

What was sent is never repeated in an answer, nor in the log: it may say where somebody is.
"""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api import logs
from api.http import headers, idempotency, schemas
from api.services import access, errors, instants
from store import answers, session

MEDIA_TYPE = "application/problem+json"

ErrorPage = Callable[[Request, int, str, str], Response]
"""Draws an error for people from the request, the status, the title and the detail."""

log = logging.getLogger(__name__)

SAID: Mapping[int, tuple[str, str]] = {
    400: ("Demande incompréhensible", "La demande n'a pas pu être lue."),
    401: ("Accès réservé", "Connectez-vous d'abord."),
    403: ("Accès refusé", "Cette adresse n'est ouverte à personne."),
    404: ("Introuvable", "Rien ne se trouve à cette adresse."),
    405: ("Méthode refusée", "Cette adresse n'accepte pas cette méthode."),
    409: ("Impossible en l'état", "La demande contredit ce qui est enregistré."),
    422: ("Demande invalide", "La demande ne peut pas être traitée."),
    500: ("Erreur du service", "Une erreur inattendue s'est produite ; elle est consignée."),
    503: ("Service indisponible", "La base de données ne répond pas ou n'est pas à jour."),
}
"""Title and usual detail of a status."""

FORBIDDEN: Mapping[str, tuple[int, str | None]] = {
    access.Reason.FOR_THE_DESK: (
        401,
        "Cette recherche est réservée à la régulation : connectez-vous.",
    ),
    access.Reason.FOR_THE_DPO: (
        401,
        "Le journal est réservé au délégué à la protection des données : connectez-vous.",
    ),
    access.Reason.FOR_AN_ACCOUNT: (401, "Cette page est celle de votre compte."),
    access.Reason.FOREIGN_ORIGIN: (
        403,
        "Ce formulaire a été envoyé depuis une autre page que les nôtres : rien n'a été fait.",
    ),
    access.Reason.FOR_METRICS: (
        401,
        "Ces mesures sont réservées à la supervision : donnez son jeton.",
    ),
    access.Reason.NO_AUDIENCE: (403, None),
    access.Reason.SWITCHED_OFF: (404, None),
}
"""What is said to somebody who has not shown who they are; 401 is answered to nobody else."""

NOT_ENOUGH = "Votre compte n'y donne pas accès."

PLACES: Mapping[str, str] = {
    "none": "donnez le lieu : lat et lon, ou code_insee",
    "half": "lat et lon vont ensemble",
    "two": "donnez lat et lon, ou code_insee, pas les deux",
}

INSTANTS: Mapping[str, str] = {
    instants.Fault.NOT_AN_INSTANT: (
        "doit être une date et une heure ISO 8601, comme 2026-11-21T10:00:00+01:00"
    ),
    instants.Fault.OUT_OF_RANGE: (
        f"doit tomber entre les années {instants.FIRST_YEAR} et {instants.LAST_YEAR}"
    ),
    instants.Fault.NO_SUCH_HOUR: (
        "n'existe pas : les horloges sautent cette heure au passage à l'heure d'été"
    ),
}

REFUSALS: Mapping[str, str] = {
    "missing": "est obligatoire",
    "float_parsing": "doit être un nombre",
    "finite_number": "doit être un nombre fini",
    "greater_than": "doit être supérieur à {gt:g}",
    "greater_than_equal": "doit être supérieur ou égal à {ge:g}",
    "less_than_equal": "doit être inférieur ou égal à {le:g}",
    "string_pattern_mismatch": "n'a pas la forme attendue",
    "extra_forbidden": "n'est pas un paramètre connu",
}
"""French for what pydantic refuses, by its name for the refusal."""


def problem(status: int, detail: str | None = None, kind: str = "") -> schemas.Problem:
    """A problem with the title of its status, and its usual detail unless another is given."""
    title, usual = SAID.get(status, (HTTPStatus(status).phrase, "La demande est refusée."))
    return schemas.Problem(
        type=f"urn:releve:{kind}" if kind else "about:blank",
        title=title,
        status=status,
        detail=detail or usual,
    )


def invalid(fields: Mapping[str, str], kind: str = "invalid-request") -> schemas.Problem:
    """A 422 that names each refused field with what is wrong with it."""
    sentences = " ; ".join(f"« {name} » {detail}" for name, detail in fields.items())
    refused = problem(422, f"{sentences}.", kind)
    refused.errors = [
        schemas.FieldProblem(field=name, detail=detail) for name, detail in fields.items()
    ]
    return refused


def _forbidden(error: errors.Forbidden) -> schemas.Problem:
    status, detail = FORBIDDEN[error.reason]
    if status == HTTPStatus.UNAUTHORIZED and error.known:
        return problem(403, NOT_ENOUGH, "forbidden")
    # What is switched off is told like what does not exist.
    return problem(status, detail, "" if status == HTTPStatus.NOT_FOUND else "forbidden")


def _unknown_commune(_error: errors.UnknownCommune) -> schemas.Problem:
    return invalid({"code_insee": "n'est pas une commune connue ici"}, "unknown-commune")


def _taken_login(_error: errors.TakenLogin) -> schemas.Problem:
    return problem(409, "Cet identifiant est déjà pris.", "taken-login")


def _unknown_territory(_error: errors.UnknownTerritory) -> schemas.Problem:
    return invalid({"territory_id": "n'est pas un territoire connu ici"}, "unknown-territory")


def _unknown_key(_error: errors.UnknownKey) -> schemas.Problem:
    return problem(404, "Aucune clé ne porte ce numéro.", "unknown-key")


def _unknown_patient(_error: errors.UnknownPatient) -> schemas.Problem:
    return problem(404, "Aucun dossier ne porte ce numéro.", "unknown-patient")


def _nothing_to_undo(_error: errors.NothingToUndo) -> schemas.Problem:
    return problem(409, "Aucun import n'est à annuler.", "nothing-to-undo")


def _changed_since(error: errors.ChangedSince) -> schemas.Problem:
    detail = f"{error.rows} lignes de cet import ont changé depuis : il ne peut plus être annulé."
    return problem(409, detail, "changed-since")


def _unusable_place(error: errors.UnusablePlace) -> schemas.Problem:
    refused = invalid(dict.fromkeys(("lat", "lon", "code_insee"), PLACES[error.fault]), "place")
    refused.detail = f"{PLACES[error.fault].capitalize()}."
    return refused


def _unreadable_instant(error: errors.UnreadableInstant) -> schemas.Problem:
    return invalid({"at": INSTANTS[error.fault]}, "instant")


def _unusable_rows(error: errors.UnusableRows) -> schemas.Problem:
    return problem(422, f"Des lignes de « {error.table} » se contredisent.", "unusable-rows")


def _no_key(_error: idempotency.NoKey) -> schemas.Problem:
    return problem(
        400,
        "L'en-tête « Idempotency-Key » est obligatoire, une seule fois : 1 à 255 caractères ASCII "
        "visibles, tirés au hasard pour chaque changement.",
        "idempotency-key",
    )


def _other_request(_error: answers.OtherRequest) -> schemas.Problem:
    return problem(
        422,
        "Cette « Idempotency-Key » a déjà servi à une autre demande : tirez-en une nouvelle.",
        "idempotency-key-reused",
    )


def _refused_fields(error: RequestValidationError) -> schemas.Problem:
    return invalid(dict(_field(found) for found in error.errors()))


def _field(found: Mapping[str, Any]) -> tuple[str, str]:
    name = str(found["loc"][-1])
    return name, REFUSALS.get(found["type"], "est refusé").format(**found.get("ctx", {}))


def _of_framework(error: HTTPException) -> schemas.Problem:
    return problem(error.status_code)


def _unreachable(_error: session.Unreachable) -> schemas.Problem:
    return problem(503)


def _unexpected(_error: Exception) -> schemas.Problem:
    return problem(500)


ANSWERS: Mapping[type[Exception], Callable[[Any], schemas.Problem]] = {
    errors.Forbidden: _forbidden,
    errors.TakenLogin: _taken_login,
    errors.UnknownCommune: _unknown_commune,
    errors.UnknownTerritory: _unknown_territory,
    errors.UnknownKey: _unknown_key,
    errors.UnknownPatient: _unknown_patient,
    errors.NothingToUndo: _nothing_to_undo,
    errors.ChangedSince: _changed_since,
    errors.UnusablePlace: _unusable_place,
    errors.UnreadableInstant: _unreadable_instant,
    errors.UnusableRows: _unusable_rows,
    idempotency.NoKey: _no_key,
    answers.OtherRequest: _other_request,
    RequestValidationError: _refused_fields,
    HTTPException: _of_framework,
    session.Unreachable: _unreachable,
    Exception: _unexpected,
}


def install(app: FastAPI, error_page: ErrorPage) -> None:
    """Answer every error of `app`: a page for people, a problem for programs."""
    for kind, answer in ANSWERS.items():
        app.add_exception_handler(kind, _handler(answer, error_page))


def _handler(
    answer: Callable[[Any], schemas.Problem], error_page: ErrorPage
) -> Callable[[Request, Exception], Response]:
    def respond(request: Request, error: Exception) -> Response:
        said = answer(error)
        if said.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("status %d: %s", said.status, logs.placed(error))
        response = (
            error_page(request, said.status, said.title, said.detail)
            if for_people(request)
            else JSONResponse(said.model_dump(mode="json"), said.status, media_type=MEDIA_TYPE)
        )
        # An unexpected error is answered outside of the layers that add the usual headers.
        response.headers.update(
            headers.EVERY_RESPONSE | _with_id() | dict(getattr(error, "headers", None) or {})
        )
        if said.status == HTTPStatus.UNAUTHORIZED:
            # A browser shows our page instead of a window of its own.
            scheme = "Cookie" if for_people(request) else "Bearer"
            response.headers["www-authenticate"] = f'{scheme} realm="Releve", charset="UTF-8"'
        return response

    return respond


def _with_id() -> dict[str, str]:
    current = logs.request_id()
    return {} if current is None else {logs.REQUEST_ID: current}


def for_people(request: Request) -> bool:
    """Whether a page is expected: a browser asks, outside of the interface for programs."""
    path = request.url.path
    machine = path.startswith(("/api/", "/health/", "/openapi.json", "/static/"))
    return not machine and "text/html" in request.headers.get("accept", "")
