"""The French names of what the record knows by a word: roles, acts, purposes, fields."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from api.services import access, entry, purge, showcase, trail
from api.services.access import Role
from api.services.imports import batches
from api.services.patients import Purpose

ROLES: Mapping[str, str] = {
    Role.DESK: "régulation du centre 15",
    Role.COORDINATOR: "coordination",
    Role.DOCTOR: "médecin",
    Role.DELEGATE: "secrétariat d’un médecin",
    Role.CPAM: "caisse d’assurance maladie",
    Role.CDOM: "conseil départemental de l’Ordre",
    Role.ARS: "agence régionale de santé",
    Role.ADMIN: "administration",
    Role.DPO: "protection des données",
}

ACTS: Mapping[str, str] = {
    "read": "a lu",
    "created": "a créé",
    "changed": "a modifié",
    "entered": "s’est connecté",
    "refused": "a été refusé",
    "purged": "a effacé",
    "revoked": "a retiré",
    "imported": "a importé",
    "undone": "a annulé l’import",
}

PURPOSES: Mapping[str, str] = {
    Purpose.QUALIFYING: "qualifier la demande",
    Purpose.MATCHING: "proposer un médecin",
    Purpose.INSURER: "informer la caisse",
    Purpose.RIGHTS: "droits de la personne",
    entry.PURPOSE: "accès au service",
    trail.PURPOSE: "contrôle des accès",
    purge.PURPOSE: "durée de conservation",
    batches.PURPOSE: "import de fichier",
}

FIELDS: Mapping[str, str] = {
    "family_name": "nom",
    "given_name": "prénom",
    "birth_date": "date de naissance",
    "phone": "téléphone",
    "email": "adresse électronique",
    "password": "mot de passe",
    "totp": "double authentification",
    "roles": "rôles",
    "sessions": "sessions",
}

IN_A_GROUP = 4
"""Letters of a key that are read together."""


def demo_accounts() -> list[tuple[str, str]]:
    """What to type to be somebody of each role in the demonstration, and what that is."""
    return [(login, ROLES[known]) for known, login in showcase.LOGINS.items()]


def role(known: access.Role) -> str:
    """What somebody is here."""
    return ROLES[known]


def act(known: str) -> str:
    """What was done."""
    return ACTS.get(known, known)


def purpose(known: str) -> str:
    """What it was done for."""
    return PURPOSES.get(known, known)


def field(known: str) -> str:
    """What was seen or changed."""
    return FIELDS.get(known, known)


def instant(moment: datetime) -> str:
    """ "25/11/2026 à 14:05:12", in the time zone the instant carries."""
    return f"{moment:%d/%m/%Y à %H:%M:%S}"


def shared_key(address: str) -> str:
    """The secret of an `otpauth` address, to be typed into a telephone: "ABCD EFGH ..."."""
    (key,) = parse_qs(urlsplit(address).query)["secret"]
    return " ".join(key[at : at + IN_A_GROUP] for at in range(0, len(key), IN_A_GROUP))


FILTERS = {
    "act": act,
    "field": field,
    "instant": instant,
    "purpose": purpose,
    "role": role,
    "shared_key": shared_key,
}
