"""The commands that build the demo, serve the site and keep the store."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from api import demo, jobs, refusals, terminal
from api.app import create_app
from api.commands import options
from api.settings import Settings
from store import session


def make_demo(
    *,
    out: options.OutFolder = Path("out/demo"),
    seed: options.Seed = 1,
    day: options.Day = None,
) -> None:
    """Construire le territoire de démonstration : Nancy apparié, Metz mis au tableau."""
    with refusals.told(), terminal.progress_bars(refusals.err_console) as told:
        options.check_limits(seed=seed)
        made = demo.make(out, seed=seed, day=options.as_day(day), now=datetime.now(UTC), tell=told)
    options.out_console.print(terminal.of_matching(made.match.summary))
    options.out_console.print(terminal.of_roster(made.roster.summary))
    options.out_console.print(terminal.of_files(out, made.files))


def serve(
    *,
    demo_folder: Annotated[
        Path | None, typer.Option("--demo", help="Servir une démonstration faite par `demo`.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Adresse d'écoute.")] = None,
    port: Annotated[int | None, typer.Option(help="Port d'écoute.")] = None,
) -> None:
    """Servir le site et l'interface JSON."""
    with refusals.told():
        given: dict[str, object] = {"host": host, "port": port}
        if demo_folder is not None:
            given |= {"database_url": demo.database_url(demo_folder), "demo": True}
        settings = Settings(**{name: it for name, it in given.items() if it is not None})  # type: ignore[arg-type]
        application = create_app(settings)
    options.out_console.print(
        f"Relève écoute sur http://{settings.host}:{settings.port} (Ctrl+C : arrêt)"
    )
    # No access log: addresses of a search name a place, and the journal is not there.
    uvicorn.run(application, host=settings.host, port=settings.port, access_log=False)


def migrate() -> None:
    """Mettre la base de données à la version de ce programme."""
    with refusals.told():
        session.migrate(Settings().database_url)
    options.out_console.print("La base de données est à jour.")


def run_jobs() -> None:
    """Exécuter les tâches récurrentes, jusqu'à Ctrl+C."""
    with refusals.told():
        settings = Settings()
    jobs.run(settings)
