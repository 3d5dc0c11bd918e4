"""The application: settings in, routes, errors and headers together, one engine for its life."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.staticfiles import StaticFiles
from xstatic.pkg import leaflet

from api import logs, pages
from api.http import audience, availability, errors, headers, health, metrics, origin
from api.settings import Settings
from store import session

STATIC = Path(pages.__file__).parent / "static"


def create_app(settings: Settings) -> FastAPI:
    """The application on the store that `settings` names, which must be migrated beforehand."""
    app = FastAPI(
        title="Relève",
        summary="Qui est de garde près d'ici, qui accepte de nouveaux patients.",
        version="1",
        lifespan=_dispose_engine,
        dependencies=[Depends(origin.guard), Depends(audience.admit)],
        # The usual documentation pages load scripts from a foreign host: none of that here.
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.engine = session.open_engine(settings.database_url)
    app.state.open_session = session.session_factory(app.state.engine)
    app.state.open_writing_session = session.writing_factory(app.state.engine)
    app.add_middleware(headers.SecurityHeaders)
    app.state.meters = metrics.Meters()
    app.add_middleware(logs.RequestLog, observers=(app.state.meters,))
    errors.install(app, pages.error_page)
    for router in (availability.router, health.router, metrics.router, *pages.routers):
        app.include_router(router)
    app.mount("/static/leaflet", StaticFiles(directory=leaflet.BASE_DIR), name="leaflet")
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


@asynccontextmanager
async def _dispose_engine(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.engine.dispose()
