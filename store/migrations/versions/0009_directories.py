"""Travel times already asked for, and how each national directory fares."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_travel_time()
    _create_directory_state()


def downgrade() -> None:
    op.drop_table("directory_state")
    op.drop_table("travel_time")


def _create_travel_time() -> None:
    op.create_table(
        "travel_time",
        sa.Column("origin", sa.String(length=15), nullable=False),
        sa.Column("destination", sa.String(length=15), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("origin <> destination", name=op.f("ck_travel_time_two_places")),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_travel_time_seconds_not_negative")),
        sa.PrimaryKeyConstraint("origin", "destination", "source", name=op.f("pk_travel_time")),
    )
    op.create_index(op.f("ix_travel_time_fetched_at"), "travel_time", ["fetched_at"])


def _create_directory_state() -> None:
    op.create_table(
        "directory_state",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("last_success", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_failure", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consecutive_failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "consecutive_failures >= 0", name=op.f("ck_directory_state_failures_not_negative")
        ),
        sa.CheckConstraint(
            "(consecutive_failures = 0) = (failing_since IS NULL)",
            name=op.f("ck_directory_state_failing_since_a_failure"),
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_directory_state")),
    )
