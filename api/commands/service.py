"""The commands that build the demo, serve the site and run what recurs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
import uvicorn

from api import demo, jobs, logs, refusals, runner, terminal
from api.app import create_app
from api.commands import options
from api.directories import calling, opened
from api.settings import Settings
from store import session

NOT_DONE = {
    runner.Outcome.BUSY: "Un autre processus exécute déjà cette tâche.",
    runner.Outcome.FAILED: "La tâche a échoué : le journal technique dit pourquoi.",
}


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
    logs.install(settings.log_level)
    # No access log of the server's own: addresses of a search name a place.
    uvicorn.run(
        application, host=settings.host, port=settings.port, access_log=False, log_config=None
    )


def show_directories(
    *,
    try_them: Annotated[
        bool,
        typer.Option("--try", help="Poser d'abord à chacun une question qui ne vise personne."),
    ] = False,
) -> None:
    """Dire quels annuaires extérieurs répondent, et depuis quand les autres ne répondent plus."""
    with refusals.told():
        settings = Settings()
        timing = calling.Timing(now=lambda: datetime.now(UTC))
        with (
            session.engine_of(settings.database_url) as engine,
            opened.opened(settings, engine, timing) as directories,
        ):
            if try_them:
                directories.try_all()
            with session.session_factory(engine)() as reading:
                states = directories.states(reading, timing.now())
    options.out_console.print(terminal.of_directories(states, ZoneInfo(settings.timezone)))


def run_jobs() -> None:
    """Exécuter les tâches récurrentes à leur heure, jusqu'à Ctrl+C."""
    with refusals.told():
        settings = Settings()
    runner.run(settings)


def run_job(
    name: Annotated[str, typer.Argument(metavar="TÂCHE", help="Le nom de la tâche.")],
) -> None:
    """Exécuter une tâche récurrente maintenant."""
    job = jobs.named(name)
    if job is None:
        known = ", ".join(it.name for it in jobs.JOBS)
        refusals.leave(f"Il n'y a pas de tâche « {name} ». Il y a : {known}.")
    with refusals.told():
        settings = Settings()
        with session.engine_of(settings.database_url) as engine:
            outcome = runner.Runner(settings, engine).run(job)
    if outcome is not runner.Outcome.DONE:
        failed = outcome is runner.Outcome.FAILED
        refusals.leave(NOT_DONE[outcome], refusals.BUG if failed else refusals.REFUSED)
    options.out_console.print(f"La tâche {name} est faite.")
