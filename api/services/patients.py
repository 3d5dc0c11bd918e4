"""The files of patients: who somebody is, sealed, and every reading written down.

Nothing that identifies a patient leaves this module unless a line of the journal says who saw it,
what for and which fields (L1110-4 CSP). The line is written in the same transaction, before the
answer.
"""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from api.services import errors
from store import journal, tables
from store.vault import Vault

IDENTITY = ("family_name", "given_name", "birth_date", "phone", "email")
"""The sealed columns of `tables.Patient`."""


class Purpose(StrEnum):
    """What a patient's file may be read for."""

    QUALIFYING = "qualifying"
    """Finding out what the request is about, by telephone as a rule."""
    MATCHING = "matching"
    """Proposing a doctor, and telling both sides."""
    INSURER = "insurer"
    """The listing for the insurance fund."""
    RIGHTS = "rights"
    """The patient asks to see, to correct or to object."""


@dataclass(frozen=True)
class Identity:
    """Who somebody is; what is empty is unknown."""

    family_name: str = ""
    given_name: str = ""
    birth_date: date | None = None
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Files:
    """The files of patients in the hands of somebody: a session that writes, the keys of the
    service, who it is (as in the journal), the present."""

    session: Session
    vault: Vault
    actor: str
    now: datetime

    def identify(self, patient: tables.Patient, identity: Identity) -> None:
        """Seal who a patient is into the file, in the place of what stood there."""
        said = _texts(identity)
        changed = [name for name in IDENTITY if said[name] != self._open(patient, name)]
        for name in changed:
            sealed = self.vault.seal(said[name], _place(patient, name)) if said[name] else None
            setattr(patient, name, sealed)
        patient.likeness = self.likeness(identity)
        patient.birth_year = identity.birth_date.year if identity.birth_date else patient.birth_year
        self.session.add(patient)
        if changed:
            self._write(patient, "changed", Purpose.QUALIFYING, changed)

    def read(
        self, patient_id: str, purpose: Purpose, fields: Collection[str]
    ) -> dict[str, str | None]:
        """The fields of an identity that are needed for a purpose, and no others.

        Raises `errors.UnknownPatient`, and ValueError for a field that is no part of an identity.
        """
        strangers = set(fields) - set(IDENTITY)
        if strangers:
            raise ValueError(f"not part of an identity: {', '.join(sorted(strangers))}")
        patient = self.session.get(tables.Patient, patient_id)
        if patient is None:
            raise errors.UnknownPatient(patient_id)
        self._write(patient, "read", purpose, [name for name in IDENTITY if name in fields])
        return {name: self._open(patient, name) or None for name in IDENTITY if name in fields}

    def alike(self, territory_id: str, identity: Identity) -> Sequence[str]:
        """Files of a territory that may be of the same person: same names, same birth date.

        Nothing is opened for it. Without both names and the date nobody is alike.
        """
        likeness, patient = self.likeness(identity), tables.Patient
        if likeness is None:
            return ()
        return self.session.exec(
            select(patient.id)
            .where(patient.likeness == likeness, patient.territory_id == territory_id)
            .order_by(col(patient.id))
        ).all()

    def likeness(self, identity: Identity) -> str | None:
        """A mark that is the same for the same person, however the names are spelt."""
        names = [_plain(identity.family_name), _plain(identity.given_name)]
        if not all(names) or identity.birth_date is None:
            return None
        text = "|".join([*names, identity.birth_date.isoformat()])
        return self.vault.mark(text.encode(), "likeness")

    def _open(self, patient: tables.Patient, name: str) -> str:
        sealed: bytes | None = getattr(patient, name)
        return "" if sealed is None else self.vault.open(sealed, _place(patient, name))

    def _write(
        self, patient: tables.Patient, act: str, purpose: Purpose, fields: Sequence[str]
    ) -> None:
        subject = f"patient:{patient.id}"
        entry = journal.Entry(self.now, self.actor, act, subject, purpose, fields)
        journal.append(self.session, self.vault, entry)


def _texts(identity: Identity) -> dict[str, str]:
    return {
        "family_name": identity.family_name,
        "given_name": identity.given_name,
        "birth_date": identity.birth_date.isoformat() if identity.birth_date else "",
        "phone": identity.phone,
        "email": identity.email,
    }


def _place(patient: tables.Patient, name: str) -> str:
    return f"patient.{name}:{patient.id}"


def _plain(name: str) -> str:
    """A name without accents, case, blanks and hyphens."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())
