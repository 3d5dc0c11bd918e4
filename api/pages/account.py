"""The pages of one's own account: what one is, the password, the second factor, the sessions."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import gate
from api.pages import drawing
from api.services import credentials, entry
from api.services.entry import Door
from api.settings import Settings
from store.session import Session

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

FAULTS = {
    credentials.Fault.TOO_SHORT: (
        f"Il faut {credentials.SHORTEST_PASSWORD} caractères au moins : quatre mots, par exemple."
    ),
    credentials.Fault.TOO_SIMPLE: "Ce mot de passe répète trop peu de caractères.",
    credentials.Fault.HOLDS_THE_LOGIN: "Ce mot de passe contient l’identifiant.",
}
NOT_YOURS = "Le mot de passe actuel n’est pas le bon, ou il a été essayé trop souvent."
NO_CODE = "Ce code n’est pas le bon, ou il n’est plus valable : donnez celui qui s’affiche."


def _page(
    settings: Settings, session: Session, viewer: gate.CurrentViewer, now: gate.Now, **said: str
) -> HTMLResponse:
    told = entry.own(session, viewer.account_id or "", now)
    given = {"fault": "", "shared": "", "done": ""} | said
    status = HTTPStatus.UNPROCESSABLE_ENTITY if given["fault"] else HTTPStatus.OK
    return drawing.draw(settings, "pages/compte.html", "/compte", status=status, told=told, **given)


@router.get("/compte")
def account(
    settings: gate.CurrentSettings,
    session: gate.CurrentSession,
    viewer: gate.CurrentViewer,
    now: gate.Now,
) -> HTMLResponse:
    """What one is here, and what one can change."""
    return _page(settings, session, viewer, now)


@router.post("/compte/mot-de-passe")
def set_password(
    settings: gate.CurrentSettings,
    session: gate.WritingSession,
    viewer: gate.CurrentViewer,
    now: gate.Now,
    *,
    actuel: Annotated[str, Form()] = "",
    nouveau: Annotated[str, Form()] = "",
) -> Response:
    """Change the password, which ends every session, this one too."""
    door, mine = Door(session, settings.vault, now), entry.account(session, viewer.account_id or "")
    if not door.confirm(mine, actuel):
        session.commit()
        return _page(settings, session, viewer, now, fault=NOT_YOURS)
    fault = door.set_password(mine, nouveau)
    session.commit()
    if fault is not None:
        return _page(settings, session, viewer, now, fault=FAULTS[fault])
    return RedirectResponse("/connexion", HTTPStatus.SEE_OTHER)


@router.post("/compte/code")
def second_factor(
    settings: gate.CurrentSettings,
    session: gate.WritingSession,
    viewer: gate.CurrentViewer,
    now: gate.Now,
    code: Annotated[str, Form()] = "",
) -> Response:
    """Without a code, offer a second factor; with one of it, ask for it from now on."""
    door, mine = Door(session, settings.vault, now), entry.account(session, viewer.account_id or "")
    if not code:
        address = door.offer_second_factor(mine)
        session.commit()
        return _page(settings, session, viewer, now, shared=address)
    taken = door.confirm_second_factor(mine, code)
    session.commit()
    if not taken:
        return _page(settings, session, viewer, now, fault=NO_CODE)
    return _page(settings, session, viewer, now, done="La double authentification est active.")


@router.post("/compte/sessions")
def end_sessions(
    settings: gate.CurrentSettings,
    session: gate.WritingSession,
    viewer: gate.CurrentViewer,
    now: gate.Now,
) -> Response:
    """End every session of the account, on all machines."""
    Door(session, settings.vault, now).end_sessions(viewer.account_id or "")
    session.commit()
    return RedirectResponse("/connexion", HTTPStatus.SEE_OTHER)
