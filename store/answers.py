"""The answers that were given to a key: what is asked again is answered again, not done again.

All functions want a session that writes: the answer is kept in the transaction of the change that
it tells of, or neither is. Writers go one after the other, so of several that ask at once with the
same key, one finds nothing, and the others find its answer.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col

from store import tables
from store.vault import Vault

PURPOSE = "request"
"""Of the marks that tell one request from another."""


class OtherRequest(Exception):
    """The key was given before, with another request."""


@dataclass(frozen=True)
class Asked:
    """Who asks, under which key, and all that makes the request what it is."""

    actor: str
    key: str
    """Without any space."""
    request: bytes

    @property
    def place(self) -> str:
        """Where its answer is sealed for."""
        return f"idempotent_answer.body:{self.actor} {self.key}"


@dataclass(frozen=True)
class Answer:
    """What was answered: the HTTP status, the media type and the text of the body."""

    status: int
    media_type: str
    body: str


def recall(session: Session, vault: Vault, asked: Asked) -> Answer | None:
    """The answer that this request had before, if it was made before.

    Raises OtherRequest if the key belongs to another one, `vault.Unreadable` without its keys.
    """
    kept = session.get(tables.IdempotentAnswer, (asked.actor, asked.key), populate_existing=True)
    if kept is None:
        return None
    if not vault.is_marked(asked.request, PURPOSE, kept.request_digest):
        raise OtherRequest
    media_type, body = json.loads(vault.open(kept.body, asked.place))
    return Answer(kept.status, media_type, body)


def keep(session: Session, vault: Vault, asked: Asked, answer: Answer, now: datetime) -> None:
    """Keep the first answer to a request; the transaction is still to be committed."""
    sealed = vault.seal(json.dumps([answer.media_type, answer.body]), asked.place)
    session.add(
        tables.IdempotentAnswer(
            actor=asked.actor,
            key=asked.key,
            request_digest=vault.mark(asked.request, PURPOSE),
            status=answer.status,
            body=sealed,
            made_at=now,
        )
    )
    session.flush()


def forget(session: Session, before: datetime) -> int:
    """Remove the answers that were given before an instant: how many."""
    answer = tables.IdempotentAnswer
    gone = session.exec(delete(answer).where(col(answer.made_at) < before))
    return gone.rowcount
