"""Reading the journal, which is itself written down there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.services import access
from store import journal, tables
from store.vault import Vault

AT_ONCE = 100
"""Lines on a page."""

PURPOSE = "oversight"
"""Of reading the journal, in the journal."""


@dataclass(frozen=True)
class Asked:
    """Which lines: about a subject, by an actor, before a line; what is empty does not matter."""

    subject: str = ""
    actor: str = ""
    before: int | None = None


@dataclass(frozen=True)
class Found:
    """Lines, the newest first, and before which one the next page begins, if there is one."""

    lines: Sequence[tables.JournalLine]
    older: int | None


def read(
    session: Session, vault: Vault, viewer: access.Viewer, now: datetime, asked: Asked
) -> Found:
    """The lines that were asked for. Raises `errors.Forbidden`."""
    access.require(access.may_read_journal(viewer))
    lines = journal.newest(
        session, AT_ONCE + 1, subject=asked.subject, actor=asked.actor, before=asked.before
    )
    detail = {"about": asked.subject, "by": asked.actor}
    entry = journal.Entry(now, viewer.actor, "read", "journal", PURPOSE, (), detail)
    journal.append(session, vault, entry)
    shown = lines[:AT_ONCE]
    return Found(shown, shown[-1].number if len(lines) > AT_ONCE else None)
