"""The page of the journal, for the data-protection officer."""

from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api import gate
from api.pages import drawing
from api.services import trail

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


@router.get("/journal")
def journal(
    settings: gate.CurrentSettings,
    session: gate.WritingSession,
    viewer: gate.CurrentViewer,
    now: gate.Now,
    *,
    sur: str = "",
    par: str = "",
    avant: str = "",
) -> HTMLResponse:
    """Who saw and changed what: of a file (`sur`), by somebody (`par`), before a line (`avant`)."""
    asked = trail.Asked(sur.strip(), par.strip(), int(avant) if avant.isdecimal() else None)
    found = trail.read(session, settings.vault, viewer, now, asked)
    session.commit()
    zone = ZoneInfo(settings.timezone)
    return drawing.draw(
        settings, "pages/journal.html", "/journal", asked=asked, found=found, zone=zone
    )
