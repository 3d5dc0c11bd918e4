"""Who saw or changed what: lines that are added and never altered."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index
from sqlmodel import Field

from store.tables.row import Row


class JournalLine(Row, table=True):
    """One thing done or seen. Each line is sealed together with the seal of the one before."""

    __tablename__ = "journal_line"
    __table_args__ = (
        CheckConstraint("number > 0", name="number_positive"),
        # What the data-protection officer asks: everything about somebody, everything by somebody.
        Index(None, "subject", "number"),
        Index(None, "actor", "number"),
    )

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime
    actor: str
    """Who: `account:...`, `job:...`, `key:...`, `link:...`."""
    act: str
    """What was done: `read`, `created`, `changed`, ..."""
    subject: str
    """To what: `patient:...`, `doctor:...`, ..."""
    purpose: str
    """What for, in the words of the service."""
    fields: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Which fields were seen or changed; never what they hold."""
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """What else must be known to understand the line, without health data and without names."""
    seal: str
    """Keyed digest (hexadecimal) of this line and of the seal of the line before."""


class JournalHead(Row, table=True):
    """The last line of the journal, so that its end cannot be torn off. Writers queue here."""

    __tablename__ = "journal_head"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: int = Field(default=1, primary_key=True)
    number: int
    """0 before the first line."""
    seal: str
    """Of the last line; empty before the first."""
    forgotten: int = 0
    """Lines up to this number are gone, because they were old."""
    forgotten_seal: str = ""
    """Of the last one of these."""
    mark: str
    """Keyed digest of all this; empty before the first line."""
