"""Availability, versions of a roster, duties really done, runs of a territory."""

import sqlalchemy as sa
from alembic import op

from store.migrations import guards

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_availability()
    _create_roster_version()
    guards.never_changed("roster_version")
    op.add_column("duty", sa.Column("worked", sa.Boolean()))
    op.add_column("duty", sa.Column("attested_at", sa.DateTime(timezone=True)))
    with op.batch_alter_table("run") as run:
        run.add_column(sa.Column("territory_id", sa.String()))
        run.create_foreign_key(
            op.f("fk_run_territory_id_territory"), "territory", ["territory_id"], ["id"]
        )
        run.create_index(op.f("ix_run_territory_id"), ["territory_id"])


def downgrade() -> None:
    for table in ("roster_version", "availability"):
        op.drop_table(table)
    with op.batch_alter_table("duty") as duty:
        duty.drop_column("worked")
        duty.drop_column("attested_at")
    with op.batch_alter_table("run") as run:
        run.drop_index(op.f("ix_run_territory_id"))
        run.drop_constraint(op.f("fk_run_territory_id_territory"), "foreignkey")
        run.drop_column("territory_id")


def _create_availability() -> None:
    op.create_table(
        "availability",
        sa.Column("slot_id", sa.String(), nullable=False),
        sa.Column("rpps", sa.String(), nullable=False),
        sa.Column("wish", sa.Integer(), nullable=False),
        sa.Column("waives_rest", sa.Boolean(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("wish BETWEEN -2 AND 2", name=op.f("ck_availability_wish_known")),
        sa.ForeignKeyConstraint(
            ["rpps"], ["doctor.rpps"], name=op.f("fk_availability_rpps_doctor")
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_availability_slot_id_slot")
        ),
        sa.PrimaryKeyConstraint("slot_id", "rpps", name=op.f("pk_availability")),
    )
    op.create_index(op.f("ix_availability_rpps"), "availability", ["rpps"])


def _create_roster_version() -> None:
    op.create_table(
        "roster_version",
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("duties", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_roster_version_days_in_order")),
        sa.CheckConstraint("number > 0", name=op.f("ck_roster_version_number_positive")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_roster_version_run_id_run")),
        sa.ForeignKeyConstraint(
            ["territory_id"],
            ["territory.id"],
            name=op.f("fk_roster_version_territory_id_territory"),
        ),
        sa.PrimaryKeyConstraint("territory_id", "number", name=op.f("pk_roster_version")),
    )
    op.create_index(op.f("ix_roster_version_run_id"), "roster_version", ["run_id"])
    op.create_index(
        op.f("ix_roster_version_territory_id_first_day"),
        "roster_version",
        ["territory_id", "first_day"],
    )
