"""Keys for programs: made once, shown once, over some day, revoked at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.services import access, credentials, errors, territories
from api.services.entry import PURPOSE
from store import journal, tables
from store.vault import Vault

PREFIX = "releve_"
"""The first letters of a key, so that it is recognised where it should not be."""


@dataclass(frozen=True)
class Made:
    """A new key: its identifier, which opens nothing, and what the program shows."""

    key_id: str
    shown: str


@dataclass(frozen=True)
class Keys:
    """Where keys are made and revoked: a session that writes, the keys of the service, who does
    it (as in the journal), the present."""

    session: Session
    vault: Vault
    actor: str
    now: datetime

    def make(
        self, name: str, roles: Iterable[access.Role], territory_id: str | None, length: timedelta
    ) -> Made:
        """A key for a program that is to see what these roles see.

        Raises `errors.UnknownTerritory`, and ValueError without a role or a length.
        """
        scopes = " ".join(sorted(set(roles)))
        if not scopes or length <= timedelta():
            raise ValueError("a key has a role at least, and is good for a while")
        territories.demand(self.session, territory_id)
        made = Made(credentials.draw_id(), PREFIX + credentials.draw())
        self.session.add(
            tables.ApiKey(
                id=made.key_id,
                name=name,
                digest=credentials.token_digest(made.shown),
                scopes=scopes,
                territory_id=territory_id,
                made_by=self.actor,
                made_at=self.now,
                expires_at=self.now + length,
            )
        )
        self.session.flush()
        self._write(made.key_id, "created")
        return made

    def revoke(self, key_id: str) -> None:
        """From now on the key opens nothing. Raises `errors.UnknownKey`."""
        key = self.session.get(tables.ApiKey, key_id)
        if key is None:
            raise errors.UnknownKey(key_id)
        if key.revoked_at is None:
            key.revoked_at = self.now
            self.session.add(key)
            self.session.flush()
            self._write(key_id, "revoked")

    def _write(self, key_id: str, act: str) -> None:
        entry = journal.Entry(self.now, self.actor, act, f"key:{key_id}", PURPOSE)
        journal.append(self.session, self.vault, entry)
