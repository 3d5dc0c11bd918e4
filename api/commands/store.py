"""The commands that keep the store: bring it up to date, save it, fill it, look after it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api import refusals
from api.commands import options
from api.services import purge
from api.settings import Settings
from store import backup, integrity, session

UNSOUND = 3
"""The status when something is wrong with the store."""

WHAT = {
    integrity.Kind.DAMAGE: "Base abîmée",
    integrity.Kind.ORPHANS: "Lignes sans parent",
    integrity.Kind.JOURNAL: "Journal, ligne",
}
PURGED = {
    "ended_request_kept_days": "dossiers dont la demande est close depuis longtemps",
    "unreachable_kept_days": "dossiers de patients restés injoignables",
    "opposition_kept_days": "dossiers de patients qui se sont opposés",
    "booking_kept_days": "coordonnées laissées pour un rendez-vous passé",
    "message_kept_days": "messages déjà partis",
    "login_session_kept_days": "sessions terminées",
    "signed_link_kept_days": "liens périmés",
    "job_run_kept_days": "traces de tâches anciennes",
}
JOURNAL = {
    "missing": "des lignes manquent juste avant",
    "altered": "cette ligne, ou l'ordre autour d'elle, a été modifiée",
    "torn_off": "des lignes manquent après elle, la dernière",
    "added": "cette ligne n'a pas été écrite par Relève",
    "head": "la marque de fin du journal a été modifiée, ou la clé n'est pas la bonne",
}

SavedFile = Annotated[Path, typer.Argument(metavar="FICHIER", help="Le fichier de sauvegarde.")]


def migrate() -> None:
    """Mettre la base de données à la version de ce programme."""
    with refusals.told():
        session.migrate(Settings().database_url)
    options.out_console.print("La base de données est à jour.")


def save(file: SavedFile) -> None:
    """Sauvegarder toute la base dans un fichier, pendant que le service tourne."""
    with refusals.told(), session.engine_of(Settings().database_url) as engine:
        saved = backup.backup(engine, file, datetime.now(UTC))
    options.out_console.print(f"{_counted(saved)} dans {file}.", soft_wrap=True)


def restore(file: SavedFile) -> None:
    """Remplir une base vide, SQLite ou PostgreSQL, à partir d'une sauvegarde."""
    with refusals.told():
        saved = backup.restore(Settings().database_url, file)
    made = saved.made_at.strftime("%d/%m/%Y à %H:%M UTC")
    options.out_console.print(f"{_counted(saved)}, sauvegarde du {made}.", soft_wrap=True)


def check() -> None:
    """Vérifier la base : intégrité, lignes sans parent, journal inaltéré."""
    with _reading() as (opened, settings):
        found = list(integrity.findings(opened, settings.vault))
    if not found:
        options.out_console.print("La base est saine, le journal est inaltéré.")
        return
    refusals.say([_sentence(finding) for finding in found])
    sys.exit(UNSOUND)


def simulate_purge() -> None:
    """Dire ce que la prochaine purge effacerait, règle par règle, sans rien changer."""
    with _reading() as (opened, _):
        counted = purge.simulate(opened, datetime.now(UTC))
    for name, rows in counted.items():
        options.out_console.print(f"{rows:>8}  {PURGED[name]}", soft_wrap=True)
    options.out_console.print("Rien n'a été changé : la tâche empty-old-files le fait chaque nuit.")


@contextmanager
def _reading() -> Iterator[tuple[session.Session, Settings]]:
    """A session that only reads, and the settings."""
    with refusals.told():
        settings = Settings()
        with (
            session.engine_of(settings.database_url) as engine,
            session.session_factory(engine)() as opened,
        ):
            yield opened, settings


def _counted(saved: backup.Saved) -> str:
    rows, tables = sum(saved.rows.values()), len(saved.rows)
    return f"{rows} lignes de {tables} tables (version {saved.revision})"


def _sentence(finding: integrity.Finding) -> str:
    detail = JOURNAL.get(finding.detail, finding.detail)
    return f"{WHAT[finding.kind]} {finding.where} : {detail}"
