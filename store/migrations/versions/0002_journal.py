"""The journal: lines that are added and never altered."""

import sqlalchemy as sa
from alembic import op

from store.migrations import guards

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "journal_line",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_journal_line_number_positive")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_journal_line")),
    )
    op.create_index(op.f("ix_journal_line_subject_number"), "journal_line", ["subject", "number"])
    op.create_index(op.f("ix_journal_line_actor_number"), "journal_line", ["actor", "number"])
    op.create_table(
        "journal_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.Column("forgotten", sa.Integer(), nullable=False),
        sa.Column("forgotten_seal", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_journal_head_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_head")),
    )
    guards.never_changed("journal_line")


def downgrade() -> None:
    op.drop_table("journal_head")
    op.drop_table("journal_line")
    guards.forget_never_changed()
