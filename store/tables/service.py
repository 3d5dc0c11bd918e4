"""What the service itself must not forget: messages to send, jobs, imports, answers given."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index
from sqlmodel import Field

from store.tables.row import Row, one_of

CHANNELS = ("email", "sms", "webhook", "sas")


class OutboxMessage(Row, table=True):
    """Something to be sent, written with what causes it; sent afterwards, never twice as new."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        one_of("channel", CHANNELS),
        one_of("state", ("waiting", "sent", "refused", "given_up")),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        Index(None, "state", "next_at"),
    )

    id: str = Field(primary_key=True)
    cause: str = Field(unique=True)
    """What it is sent for: one message a cause, so writing it down again sends nothing twice."""
    channel: str
    recipient: bytes
    """Sealed for `outbox_message.recipient:ID`."""
    template: str
    content: bytes
    """What the template is filled with, sealed for `outbox_message.content:ID`."""
    state: str = "waiting"
    attempts: int = 0
    made_at: datetime
    next_at: datetime
    sent_at: datetime | None = None
    error: str | None = None


class JobRun(Row, table=True):
    """One time that recurring work was done."""

    __tablename__ = "job_run"
    __table_args__ = (
        one_of("state", ("running", "done", "failed", "interrupted")),
        Index(None, "job", "started_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    job: str
    started_at: datetime
    ended_at: datetime | None = None
    state: str = "running"
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class Lease(Row, table=True):
    """Which process alone may do something, and until when unless it says so again."""

    name: str = Field(primary_key=True)
    holder: str
    until: datetime


class ImportBatch(Row, table=True):
    """A file that was applied, and what it takes to undo it."""

    __tablename__ = "import_batch"
    __table_args__ = (Index(None, "territory_id", "kind", "applied_at"),)

    id: str = Field(primary_key=True)
    territory_id: str | None = Field(default=None, foreign_key="territory.id")
    kind: str
    file_digest: str
    counts: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    former: bytes | None = None
    """The rows as they were, compressed and sealed for `import_batch.former:ID`."""
    actor: str
    applied_at: datetime
    undone_at: datetime | None = None


class IdempotentAnswer(Row, table=True):
    """The answer that was given to a key, and is given again."""

    __tablename__ = "idempotent_answer"

    actor: str = Field(primary_key=True)
    key: str = Field(primary_key=True, max_length=255)
    request_digest: str
    """A mark: without the keys of the service nobody can try out what was asked."""
    status: int
    body: bytes
    """Media type and text, sealed for `idempotent_answer.body:ACTOR KEY`."""
    made_at: datetime = Field(index=True)


class DatedParameter(Row, table=True):
    """A value of a territory that takes the place of the one delivered, from a day on."""

    __tablename__ = "dated_parameter"

    name: str = Field(primary_key=True)
    territory_id: str = Field(primary_key=True, foreign_key="territory.id")
    from_day: date = Field(primary_key=True)
    value: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    source: str
    """Why: the decision, the order, the minutes."""
