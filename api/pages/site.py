"""The pages of the site. A handler reads the address, asks a service and draws."""

from dataclasses import asdict
from datetime import date, datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api import gate
from api.files import geojson
from api.pages import desk, drawing, words
from api.services import access, listing, publication
from api.settings import Settings

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


def _today(now: datetime, settings: Settings) -> date:
    return now.astimezone(ZoneInfo(settings.timezone)).date()


@router.get("/")
def home(
    settings: gate.CurrentSettings,
    session: gate.CurrentSession,
    viewer: gate.CurrentViewer,
    now: gate.Now,
) -> HTMLResponse:
    """What Relève is, who is on duty, and the key figures of the last runs."""
    zone = ZoneInfo(settings.timezone)
    coverage = publication.coverage(session, zone)
    return drawing.draw(
        settings,
        "pages/home.html",
        "/",
        duty=publication.on_duty(session, viewer, now, zone),
        matching=publication.latest_run(session, "matching"),
        totals=publication.published_totals(session),
        roster=publication.latest_run(session, "roster"),
        coverage=coverage,
    )


@router.get("/medecins")
def doctors(
    settings: gate.CurrentSettings,
    session: gate.CurrentSession,
    viewer: gate.CurrentViewer,
    now: gate.Now,
    commune: str = "",
) -> HTMLResponse:
    """The doctors who accept patients, of everywhere or of one commune."""
    everybody = listing.accepting_doctors(session, viewer, now)
    shown = [doctor for doctor in everybody if commune in ("", doctor.code_insee)]
    named = {doctor.code_insee: doctor.commune_name for doctor in everybody if doctor.commune_name}
    return drawing.draw(
        settings,
        "pages/doctors.html",
        "/medecins",
        doctors=shown,
        places=sum(doctor.places for doctor in shown),
        communes=sorted(named.items(), key=lambda item: words.sortable(item[1])),
        chosen=commune,
        today=_today(now, settings),
    )


@router.get("/carte")
def communes_map(
    settings: gate.CurrentSettings, session: gate.CurrentSession, viewer: gate.CurrentViewer
) -> HTMLResponse:
    """The figures of the communes, as a map and as a table."""
    published = listing.commune_figures(session, viewer)
    points = [geojson.CommunePoint(**asdict(commune)) for commune in published.communes]
    return drawing.draw(
        settings,
        "pages/map.html",
        "/carte",
        run=publication.latest_run(session, "matching"),
        points=sorted(points, key=lambda point: words.sortable(point.name)),
        totals=publication.published_totals(session),
        data=geojson.communes(points),
    )


@router.get("/gardes")
def duties(
    settings: gate.CurrentSettings,
    session: gate.CurrentSession,
    viewer: gate.CurrentViewer,
    now: gate.Now,
    semaine: str = "",
) -> HTMLResponse:
    """The roster of one week; `semaine` is any day of it, this week by default."""
    asked = words.day_read(semaine) or _today(now, settings)
    return drawing.draw(
        settings,
        "pages/duties.html",
        "/gardes",
        found=publication.week_page(session, viewer, asked, ZoneInfo(settings.timezone)),
        named=access.may_see_duty_names(viewer).allowed,
        roster_run=publication.latest_run(session, "roster"),
    )


@router.get("/regulation")
def regulation(
    settings: gate.CurrentSettings,
    session: gate.CurrentSession,
    viewer: gate.CurrentViewer,
    now: gate.Now,
    *,
    lieu: str = "",
    rayon: str = "",
    moment: str = "",
) -> HTMLResponse:
    """Centre 15 asks who is on duty near a place."""
    asker = desk.Asker(session, viewer, now, ZoneInfo(settings.timezone))
    content = desk.content(asker, desk.Asked(lieu, rayon, moment))
    return drawing.draw(settings, "pages/regulation.html", "/regulation", **content)


@router.get("/mentions")
def legal(settings: gate.CurrentSettings) -> HTMLResponse:
    """Where the data come from, what is not kept, and the state of accessibility."""
    return drawing.draw(settings, "pages/legal.html", "/mentions")
