"""The commands that bring files of patients and doctors into the store, and take them back."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from api import intake, refusals, terminal
from api.commands import options
from api.services import imports
from api.settings import Settings
from store import session as stores

WHOM = {imports.Kind.PATIENTS: "patients", imports.Kind.DOCTORS: "médecins"}
"""Whom a kind of file is about."""

LABELS = {
    "added": "ajoutés",
    "changed": "modifiés",
    "unchanged": "inchangés",
    "gone": "absents du fichier, gardés",
    "withheld": "opposés ou anonymisés, laissés tels quels",
    "without_commune": "placés sans commune connue",
}
"""Figures of a tally; the last two are shown only if there are any."""

COLUMNS = {"cell": "latitude, longitude"}
"""Columns of the store that the file calls otherwise."""

What = Annotated[imports.Kind, typer.Argument(help="Ce qui est importé : patients ou doctors.")]
Territory = Annotated[str, typer.Option(help="Le territoire, par son identifiant dans la base.")]


@dataclass(frozen=True)
class _Opened:
    """The store that the settings name, and whoever works on it at the terminal."""

    session: stores.Session
    desk: imports.Desk


def bring_in(
    kind: What,
    *,
    file: options.InputFile,
    territory: Territory,
    apply: Annotated[
        bool, typer.Option("--apply", help="Écrire ; sans elle, dire seulement ce qui changerait.")
    ] = False,
    out: options.OutFolder = Path("out/import"),
    accept_partial: options.Partial = False,
) -> None:
    """Importer un fichier de patients ou de médecins dans la base, ou dire ce qui changerait."""
    given = intake.Given(kind, file, territory, options.as_day(None))
    with (
        refusals.told(),
        terminal.progress_bar(refusals.err_console, "Import") as told,
        _opened(told, writing=apply) as opened,
    ):
        taken = intake.take(opened.session, given, out, accept_partial=accept_partial)
        refusals.warn(taken.remarks)
        same_as = imports.same_as(opened.session, taken.file)
        if apply:
            _, tally = imports.apply(opened.session, taken.file, opened.desk)
        else:
            tally = imports.preview(opened.session, taken.file, opened.desk.now).tally
    options.out_console.print(_of_tally(kind, tally, applied=apply))
    for sentence in _endings(tally, same_as, set_aside=len(taken.rejects), applied=apply):
        options.out_console.print(sentence, soft_wrap=True)


def take_back(kind: What, *, territory: Territory) -> None:
    """Annuler le dernier import : chaque ligne redevient ce qu'elle était."""
    with (
        refusals.told(),
        terminal.progress_bar(refusals.err_console, "Annulation") as told,
        _opened(told, writing=True) as opened,
    ):
        batch = imports.undo(opened.session, kind, territory, opened.desk)
        made, counts = _at(batch.applied_at), dict(batch.counts)
    options.out_console.print(
        f"L'import de {WHOM[kind]} du {made} est annulé : {counts['added']} retirés, "
        f"{counts['changed']} rétablis.",
        soft_wrap=True,
    )


@contextmanager
def _opened(told: terminal.Told, *, writing: bool) -> Iterator[_Opened]:
    """One session, committed at the end if it writes and nothing was refused."""
    settings = Settings()
    made = stores.writing_factory if writing else stores.session_factory
    with stores.engine_of(settings.database_url) as engine, made(engine)() as session:
        now = options.as_moment(None, ZoneInfo("UTC"))
        yield _Opened(session, imports.Desk(settings.vault, _actor(), now, told))
        if writing:
            session.commit()


def _actor() -> str:
    """Who types, as the machine knows them."""
    try:
        return f"command:{getpass.getuser()}"
    except (OSError, KeyError):  # A container may give its user no name.
        return "command:unnamed"


def _of_tally(kind: imports.Kind, tally: imports.Tally, *, applied: bool) -> RenderableType:
    """The account of a file: rows by what becomes of them, then the columns that change."""
    done = "appliqué" if applied else "aperçu, rien n'est écrit"
    counted = Table(WHOM[kind], "nombre", title=f"Import : {done}", title_justify="left")
    for name, label in LABELS.items():
        number = getattr(tally, name)
        if number or name in ("added", "changed", "unchanged", "gone"):
            counted.add_row(label, str(number))
    changed = Table("colonne", "lignes modifiées")
    for name, number in tally.columns.items():
        changed.add_row(escape(COLUMNS.get(name, name)), str(number))
    for table in (counted, changed):
        table.columns[1].justify = "right"
    return Group(counted, changed) if tally.columns else counted


def _endings(
    tally: imports.Tally, same_as: datetime | None, *, set_aside: int, applied: bool
) -> Iterator[str]:
    """What else is to be known, in sentences."""
    if same_as is not None:
        yield f"Ce même fichier a été importé le {_at(same_as)}."
    if not tally.added and not tally.changed:
        yield "Rien ne change."
    if set_aside:
        yield f"{set_aside} cases refusées : leurs lignes sont laissées de côté."
    if not applied:
        yield "Pour l'appliquer : la même commande avec --apply."


def _at(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%d/%m/%Y à %H:%M UTC")
