"""What is said when something cannot be accepted: French sentences and an exit status, never a
trace.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import pydantic
from rich.console import Console
from rich.markup import escape

from api import demo, intake, many, roster_events, rounds, suppositions
from api.files import errors, outcome
from api.services import errors as service_errors
from api.services import explanation, roster_explanation, what_if
from scheduler import events
from store import backup, parameters, session, vault

REFUSED, BUG = 2, 1
SHOWN = 20
"""Sentences printed before the reader is sent to `rejects.csv`."""

CONTRADICTED = (
    "Le recompte contredit le solveur : c'est une erreur de Relève, aucun résultat n'est donné."
)

UNUSABLE_BACKUP = {
    "not_a_backup": "Ce fichier n'est pas une sauvegarde de Relève.",
    "cut_short": "Cette sauvegarde est incomplète ou abîmée : rien n'a été restauré.",
    "unknown_revision": "Cette sauvegarde vient d'une version plus récente de Relève.",
}

err_console = Console(stderr=True)


@contextmanager
def told() -> Iterator[None]:
    """Whatever cannot be accepted ends in French sentences and status 2, never in a trace."""
    try:
        yield
    except rounds.Unproven as bug:
        leave(f"{CONTRADICTED} {_where_kept(bug)}", BUG)
    except tuple(SENTENCES) as refused:
        told = next(tell for kind, tell in SENTENCES.items() if isinstance(refused, kind))
        leave(told(refused))


def _of_rejects(refused: rounds.Refused) -> str:
    say([outcome.sentence(reject) for reject in refused.rejects])
    if refused.directory is None:
        return "Rien n'a été calculé. « releve match » écrit toutes les lignes refusées."
    return f"Rien n'a été calculé. Le détail est dans {refused.directory / 'rejects.csv'}."


def _of_import(refused: intake.Refused) -> str:
    say([outcome.sentence(reject) for reject in refused.rejects])
    return f"Rien n'a été importé. Le détail est dans {refused.directory / 'rejects.csv'}."


def _where_kept(bug: rounds.Unproven) -> str:
    if bug.file is None:
        return "Relancez « releve match » sur ces fichiers pour garder l'instance."
    return f"L'instance est gardée dans {bug.file} ; elle contient des données de santé."


def _of_settings(refused: pydantic.ValidationError) -> str:
    return "\n".join(_setting_sentence(dict(error)) for error in refused.errors())


SENTENCES: Mapping[type[Exception], Callable[[Any], str]] = {
    rounds.Refused: _of_rejects,
    intake.Refused: _of_import,
    errors.FilesError: str,
    demo.NoDemo: str,
    many.NoTerritories: str,
    many.NoWorkers: str,
    explanation.UnknownPatient: lambda it: (
        f"Le fichier des patients n'a pas de patient « {it.patient_id} »."
    ),
    what_if.NoSuchDoctor: lambda it: (
        f"Le fichier des médecins n'en a aucun pour « {it.named} » (numéro RPPS ou commune)."
    ),
    suppositions.Unreadable: str,
    roster_events.Unreadable: str,
    events.CannotApply: roster_events.refusal,
    roster_explanation.UnknownSubject: lambda it: (
        f"« {it.named} » n'est ni un créneau ni un médecin (RPPS) des fichiers."
    ),
    service_errors.NothingToUndo: lambda it: (
        f"Aucun import de ce genre n'est à annuler pour le territoire « {it.territory_id} »."
    ),
    service_errors.ChangedSince: lambda it: (
        f"L'import n'est pas annulé : {it.rows} de ses lignes ont changé depuis, ou servent déjà."
    ),
    service_errors.UnusableRows: lambda it: (
        f"Des lignes de « {it.table} » se contredisent : {', '.join(it.ids[:SHOWN])}."
    ),
    vault.Unreadable: lambda _: (
        "RELEVE_SECRET_KEYS n'ouvre pas ce qui a été scellé : "
        "remettez l'ancienne clé après la nouvelle."
    ),
    session.NotAnAddress: lambda _: (
        "RELEVE_DATABASE_URL n'est pas une adresse de base de données, comme sqlite:///a.db."
    ),
    session.Unreachable: lambda it: f"La base de données ne répond pas : {it.orig}",
    service_errors.TakenLogin: lambda it: f"Un compte « {it.login} » existe déjà.",
    service_errors.UnknownKey: lambda it: f"Il n'y a pas de clé « {it.key_id} ».",
    service_errors.UnknownTerritory: lambda it: (
        f"La base n'a pas de territoire « {it.territory_id} »."
    ),
    backup.Unusable: lambda it: UNUSABLE_BACKUP[it.fault],
    backup.NotEmpty: lambda it: (
        "La base n'est pas vide, rien n'y est restauré : donnez-en une autre dans "
        f"RELEVE_DATABASE_URL ({', '.join(it.tables)} contiennent des lignes)."
    ),
    pydantic.ValidationError: _of_settings,
    parameters.UnknownParameter: lambda it: (
        f"Aucune valeur de « {it.name} » n'est en vigueur au {it.day}."
    ),
    ValueError: lambda it: f"Demande impossible : {it}",
    OSError: lambda it: f"Le fichier {it.filename} ne peut être lu ou écrit : {it.strerror}.",
}
"""What is said of each refusal; the first kind that fits speaks."""


def _setting_sentence(error: dict[str, Any]) -> str:
    """Our own sentence, or the name of the setting: a refused value may be a secret."""
    if error["type"] == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    return f"RELEVE_{str(error['loc'][0]).upper()} : valeur refusée."


def leave(sentence: str, status: int = REFUSED) -> NoReturn:
    """Say a sentence and end with a status."""
    err_console.print(escape(sentence), soft_wrap=True, highlight=False)
    sys.exit(status)


def say(sentences: Sequence[str]) -> None:
    """Say the first sentences, and how many more there are."""
    for sentence in sentences[:SHOWN]:
        err_console.print(escape(sentence), soft_wrap=True, highlight=False)
    if len(sentences) > SHOWN:
        err_console.print(f"… et {len(sentences) - SHOWN} autres.", highlight=False)


def warn(remarks: Sequence[outcome.Remark]) -> None:
    """Say the doubts about files that were read."""
    say([f"Attention : {outcome.remark_sentence(remark)}" for remark in remarks])
