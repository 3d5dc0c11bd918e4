"""The pages by which people enter and leave."""

from http import HTTPStatus
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import gate
from api.pages import drawing, labels, words
from api.services import showcase
from api.services.entry import Door, Entered, Reason, Refused
from api.settings import Settings

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

SAID = {
    Reason.WRONG: "Identifiant, mot de passe ou code erroné.",
    Reason.CODE_NEEDED: "Donnez aussi le code que montre votre téléphone.",
}
STATUS = {
    Reason.WRONG: HTTPStatus.UNAUTHORIZED,
    Reason.CODE_NEEDED: HTTPStatus.UNAUTHORIZED,
    Reason.LOCKED: HTTPStatus.TOO_MANY_REQUESTS,
}
HOME = "/"


def form(
    settings: Settings,
    *,
    said: str = "",
    then: str = "",
    login: str = "",
    status: int = HTTPStatus.UNAUTHORIZED,
) -> HTMLResponse:
    """The form by which people enter; `said` is why they see it, `then` where they go on.

    `login` is what was tried, if anything was.
    """
    return drawing.draw(
        settings,
        "pages/connexion.html",
        "/compte",
        status=status,
        said=said,
        then=inside(then),
        login=login,
        tried=bool(login),
        invented=labels.demo_accounts() if settings.demo else (),
        password=showcase.PASSWORD,
    )


def inside(address: str) -> str:
    """An address of ours, or the home page: nobody is sent elsewhere by a link to us."""
    ours = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if ours and address.isprintable() else HOME


@router.get("/connexion")
def enter(settings: gate.CurrentSettings, suite: str = "") -> HTMLResponse:
    """The form by which people enter."""
    return form(settings, then=suite, status=HTTPStatus.OK)


@router.post("/connexion")
def entered(
    settings: gate.CurrentSettings,
    session: gate.WritingSession,
    now: gate.Now,
    *,
    identifiant: Annotated[str, Form()] = "",
    mot_de_passe: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
    suite: Annotated[str, Form()] = "",
) -> Response:
    """Let somebody in, or say why not."""
    door = Door(session, settings.vault, now, settings.demo)
    outcome = door.enter(login=identifiant, password=mot_de_passe, code=code)
    session.commit()
    if isinstance(outcome, Refused):
        return form(
            settings,
            said=_why(outcome, ZoneInfo(settings.timezone)),
            then=suite,
            login=identifiant,
            status=STATUS[outcome.reason],
        )
    answer = RedirectResponse(inside(suite), HTTPStatus.SEE_OTHER)
    _keep(answer, settings, outcome)
    return answer


@router.post("/deconnexion")
def left(
    request: Request, settings: gate.CurrentSettings, session: gate.WritingSession, now: gate.Now
) -> Response:
    """End the session of whoever asks."""
    Door(session, settings.vault, now).leave(gate.token(request))
    session.commit()
    answer = RedirectResponse(HOME, HTTPStatus.SEE_OTHER)
    answer.delete_cookie(gate.cookie_name(settings), secure=not settings.demo, httponly=True)
    return answer


def _why(refused: Refused, zone: ZoneInfo) -> str:
    if refused.until is None:
        return SAID[refused.reason]
    until = words.hour(refused.until.astimezone(zone))
    return f"Trop d’essais : ce compte peut de nouveau être essayé à {until}."


def _keep(answer: Response, settings: Settings, entered: Entered) -> None:
    answer.set_cookie(
        gate.cookie_name(settings),
        entered.token,
        expires=entered.expires_at,
        secure=not settings.demo,
        httponly=True,
        samesite="lax",
    )
