"""The commands that make accounts and keys, the first ones above all."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from api import refusals
from api.commands import options
from api.pages import account as pages
from api.pages import labels
from api.services import access
from api.services.entry import Door
from api.services.keys import Keys
from api.settings import Settings
from store import session as stores

BY = "command"
"""Who does it, as in the journal: somebody with the keys of the machine."""

Role = Annotated[access.Role, typer.Option(help="Ce que la personne ou le logiciel est ici.")]
Territory = Annotated[str | None, typer.Option(help="Le territoire ; sans lui, partout.")]


@contextmanager
def _writing() -> Iterator[tuple[Settings, stores.Session, datetime]]:
    """The settings, a session that writes and is committed in the end, and the present."""
    with refusals.told():
        settings = Settings()
        with (
            stores.engine_of(settings.database_url) as engine,
            stores.writing_factory(engine)() as session,
        ):
            yield settings, session, datetime.now(UTC)
            session.commit()


def add(
    login: Annotated[str, typer.Argument(metavar="IDENTIFIANT", help="Pour se connecter.")],
    *,
    role: Role,
    family_name: Annotated[str, typer.Option(help="Nom de famille.")],
    given_name: Annotated[str, typer.Option(help="Prénom.")],
    territory: Territory = None,
    password: Annotated[
        str,
        typer.Option(
            prompt="Mot de passe",
            hide_input=True,
            confirmation_prompt="Encore une fois",
            help="Demandé s'il n'est pas donné, ce qui vaut mieux.",
        ),
    ],
) -> None:
    """Créer un compte et lui donner un rôle."""
    with _writing() as (settings, session, now):
        door = Door(session, settings.vault, now)
        made = door.register(login=login, family_name=family_name, given_name=given_name)
        fault = door.set_password(made, password)
        if fault is not None:
            refusals.leave(pages.FAULTS[fault])
        door.give(made, role, territory, by=BY)
    words = labels.role(role)
    options.out_console.print(f"Le compte {made.login} est créé ({words}).", soft_wrap=True)


def add_key(
    name: Annotated[str, typer.Argument(metavar="NOM", help="Le logiciel qui s'en servira.")],
    *,
    role: Role,
    territory: Territory = None,
    days: Annotated[int, typer.Option(min=1, help="Jours pendant lesquels elle vaut.")] = 365,
) -> None:
    """Créer une clé pour un logiciel ; elle n'est montrée qu'une fois."""
    with _writing() as (settings, session, now):
        making = Keys(session, settings.vault, BY, now)
        made = making.make(name, [role], territory, timedelta(days=days))
    options.out_console.print(f"Clé {made.key_id} ({labels.role(role)}), à copier maintenant :")
    options.out_console.print(made.shown, soft_wrap=True, highlight=False)


def revoke_key(
    key_id: Annotated[str, typer.Argument(metavar="NUMÉRO", help="Le numéro de la clé.")],
) -> None:
    """Retirer une clé : elle n'ouvre plus rien."""
    with _writing() as (settings, session, now):
        Keys(session, settings.vault, BY, now).revoke(key_id)
    options.out_console.print(f"La clé {key_id} n'ouvre plus rien.")
