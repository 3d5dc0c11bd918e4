"""Adding to the journal, and checking that nobody has altered it.

Each line is marked, with a key that the database does not know, together with the mark of the line
before; the head says which line is the last. So whoever changes, removes, adds or reorders lines
without the key, at the end of the journal too, is found out.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from store import tables
from store.vault import Vault

PURPOSE = "journal"
"""Of the marks."""

AT_ONCE = 1_000
"""Lines read together while checking."""


@dataclass(frozen=True)
class Entry:
    """What is to be written down; see `tables.JournalLine` for the words."""

    at: datetime
    actor: str
    act: str
    subject: str
    purpose: str
    fields: Sequence[str] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


class Fault(StrEnum):
    """What can be wrong with the journal."""

    MISSING = "missing"
    """Lines were removed before this one."""
    ALTERED = "altered"
    """This line, or the order around it, is not as it was written."""
    TORN_OFF = "torn_off"
    """Lines were removed after this one, the last."""
    ADDED = "added"
    """This line was not written by the service: it is beyond the last one."""
    HEAD = "head"
    """The note of which line is the last was altered."""


@dataclass(frozen=True)
class Breach:
    """A line at fault; 0 is before the first one."""

    number: int
    fault: Fault


def append(session: Session, vault: Vault, entry: Entry) -> tables.JournalLine:
    """Add a line. The session must be one that writes (`session.writing_factory`)."""
    head = _head(session)
    line = tables.JournalLine(
        number=head.number + 1,
        at=entry.at,
        actor=entry.actor,
        act=entry.act,
        subject=entry.subject,
        purpose=entry.purpose,
        fields=list(entry.fields),
        detail=dict(entry.detail),
        seal="",
    )
    line.seal = vault.mark(_text(line, head.seal), PURPOSE)
    head.number, head.seal = line.number, line.seal
    session.add(line)
    _keep(session, vault, head)
    return line


def forget(session: Session, vault: Vault, before: datetime) -> int:
    """Remove the lines written before an instant, from the first on: how many.

    The head keeps where the journal begins now. The session must be one that writes.
    """
    line = tables.JournalLine
    first_kept = select(func.min(line.number)).where(col(line.at) >= before)
    kept = session.exec(first_kept).one()
    head = _head(session)
    last = head.number if kept is None else kept - 1
    if last <= head.forgotten:
        return 0
    seal = session.exec(select(line.seal).where(col(line.number) == last)).one()
    gone = last - head.forgotten
    head.forgotten, head.forgotten_seal = last, seal
    session.exec(delete(line).where(col(line.number) <= last))
    _keep(session, vault, head)
    return gone


def breaches(session: Session, vault: Vault) -> Iterator[Breach]:
    """What is wrong with the journal, line after line; nothing if it is as it was written."""
    head = session.get(tables.JournalHead, 1)
    if head is not None and not vault.is_marked(_end(head), PURPOSE, head.mark):
        yield Breach(head.number, Fault.HEAD)
    end, number, seal = 0, 0, ""
    if head is not None:
        end, number, seal = head.number, head.forgotten, head.forgotten_seal
    for line in _lines(session):
        if line.number > end:
            yield Breach(line.number, Fault.ADDED)
        elif line.number != number + 1:
            yield Breach(line.number, Fault.MISSING)
        elif not vault.is_marked(_text(line, seal), PURPOSE, line.seal):
            yield Breach(line.number, Fault.ALTERED)
        number, seal = line.number, line.seal
    if number < end:
        yield Breach(number, Fault.TORN_OFF)


def about(session: Session, subject: str) -> Sequence[tables.JournalLine]:
    """Every line about a subject, the first first."""
    line = tables.JournalLine
    return session.exec(
        select(line).where(col(line.subject) == subject).order_by(col(line.number))
    ).all()


def newest(
    session: Session,
    most: int,
    *,
    subject: str = "",
    actor: str = "",
    before: int | None = None,
) -> Sequence[tables.JournalLine]:
    """The newest lines, about a subject, by an actor, before a line, where these are given."""
    line = tables.JournalLine
    asked = select(line).order_by(col(line.number).desc()).limit(most)
    if subject:
        asked = asked.where(line.subject == subject)
    if actor:
        asked = asked.where(line.actor == actor)
    if before is not None:
        asked = asked.where(line.number < before)
    return session.exec(asked).all()


def _head(session: Session) -> tables.JournalHead:
    head = session.get(tables.JournalHead, 1, populate_existing=True)
    return head or tables.JournalHead(number=0, seal="", mark="")


def _keep(session: Session, vault: Vault, head: tables.JournalHead) -> None:
    head.mark = vault.mark(_end(head), PURPOSE)
    session.add(head)
    session.flush()


def _lines(session: Session) -> Iterator[tables.JournalLine]:
    line = tables.JournalLine
    asked = select(line).order_by(col(line.number)).execution_options(yield_per=AT_ONCE)
    yield from session.exec(asked)


def _text(line: tables.JournalLine, seal_before: str) -> bytes:
    said = [
        line.number,
        line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        line.actor,
        line.act,
        line.subject,
        line.purpose,
        line.fields,
        line.detail,
        seal_before,
    ]
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _end(head: tables.JournalHead) -> bytes:
    said = ["head", head.number, head.seal, head.forgotten, head.forgotten_seal]
    return json.dumps(said).encode()
