"""Messages to send, jobs, imports, answers given, parameters of a territory."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_outbox_message()
    _create_job_run()
    _create_lease()
    _create_import_batch()
    _create_idempotent_answer()
    _create_dated_parameter()


def downgrade() -> None:
    for table in (
        "dated_parameter",
        "idempotent_answer",
        "import_batch",
        "lease",
        "job_run",
        "outbox_message",
    ):
        op.drop_table(table)


def _create_outbox_message() -> None:
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('email', 'sms', 'webhook', 'sas')",
            name=op.f("ck_outbox_message_channel_known"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'refused', 'given_up')",
            name=op.f("ck_outbox_message_state_known"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_message_attempts_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("cause", name=op.f("uq_outbox_message_cause")),
    )
    op.create_index(op.f("ix_outbox_message_state_next_at"), "outbox_message", ["state", "next_at"])


def _create_job_run() -> None:
    op.create_table(
        "job_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "state IN ('running', 'done', 'failed', 'interrupted')",
            name=op.f("ck_job_run_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
    )
    op.create_index(op.f("ix_job_run_job_started_at"), "job_run", ["job", "started_at"])


def _create_lease() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )


def _create_import_batch() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("file_digest", sa.String(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("former", sa.LargeBinary(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_import_batch_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index(
        op.f("ix_import_batch_territory_id_kind_applied_at"),
        "import_batch",
        ["territory_id", "kind", "applied_at"],
    )


def _create_idempotent_answer() -> None:
    op.create_table(
        "idempotent_answer",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_digest", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotent_answer")),
    )
    op.create_index(op.f("ix_idempotent_answer_made_at"), "idempotent_answer", ["made_at"])


def _create_dated_parameter() -> None:
    op.create_table(
        "dated_parameter",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["territory_id"],
            ["territory.id"],
            name=op.f("fk_dated_parameter_territory_id_territory"),
        ),
        sa.PrimaryKeyConstraint(
            "name", "territory_id", "from_day", name=op.f("pk_dated_parameter")
        ),
    )
