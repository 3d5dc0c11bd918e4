"""Links that let their holder do one thing, once, without an account: answer, confirm, cancel.

The token stands in the address only; the store keeps its digest. Looking at where a link leads
does not use it up: the programs that check links in mail look too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, update

from api.services import credentials
from store import tables


class State(StrEnum):
    """What a link is worth now."""

    GOOD = "good"
    UNKNOWN = "unknown"
    """No such link, or one for something else."""
    USED = "used"
    OVER = "over"


@dataclass(frozen=True)
class Link:
    """What a token leads to: `subject` and `actor` as in the journal, empty if unknown."""

    state: State
    subject: str = ""
    actor: str = ""


def make(
    session: Session, now: datetime, length: timedelta, *, act: str, subject: str, actor: str
) -> str:
    """A link for one act on a subject, in the name of an actor; returns its token."""
    token = credentials.draw()
    session.add(
        tables.SignedLink(
            digest=credentials.token_digest(token),
            act=act,
            subject=subject,
            actor=actor,
            made_at=now,
            expires_at=now + length,
        )
    )
    session.flush()
    return token


def look(session: Session, token: str, act: str, now: datetime) -> Link:
    """What a link is worth for an act, without using it."""
    found = session.get(tables.SignedLink, credentials.token_digest(token), populate_existing=True)
    if found is None or found.act != act:
        return Link(State.UNKNOWN)
    if found.used_at is not None:
        return Link(State.USED, found.subject, found.actor)
    state = State.GOOD if found.expires_at > now else State.OVER
    return Link(state, found.subject, found.actor)


def use(session: Session, token: str, act: str, now: datetime) -> Link:
    """Use a link up: GOOD for one caller only, whoever else comes at the same time."""
    link = tables.SignedLink
    taken = session.exec(
        update(link)
        .where(
            col(link.digest) == credentials.token_digest(token),
            col(link.act) == act,
            col(link.used_at).is_(None),
            col(link.expires_at) > now,
        )
        .values(used_at=now)
    )
    seen = look(session, token, act, now)
    return Link(State.GOOD, seen.subject, seen.actor) if taken.rowcount else seen
