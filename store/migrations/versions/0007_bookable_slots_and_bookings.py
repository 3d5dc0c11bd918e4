"""Bookable slots, holds and bookings."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_bookable_slot()
    _create_bookable_slot_territory()
    _create_unavailability()
    _create_hold()
    _create_booking()


def downgrade() -> None:
    for table in ("booking", "hold", "unavailability", "bookable_slot_territory", "bookable_slot"):
        op.drop_table(table)


def _create_bookable_slot() -> None:
    op.create_table(
        "bookable_slot",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("rpps", sa.String(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.String(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("max_patients", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("extra_allowed", sa.Boolean(), nullable=False),
        sa.Column("walk_in", sa.Boolean(), nullable=False),
        sa.Column("for_public", sa.Boolean(), nullable=False),
        sa.Column("for_professionals", sa.Boolean(), nullable=False),
        sa.Column("for_regulation", sa.Boolean(), nullable=False),
        sa.Column("for_community", sa.Boolean(), nullable=False),
        sa.Column("at_office", sa.Boolean(), nullable=False),
        sa.Column("at_home", sa.Boolean(), nullable=False),
        sa.Column("remote", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "source IN ('doctor', 'duty', 'agenda')", name=op.f("ck_bookable_slot_source_known")
        ),
        sa.CheckConstraint(
            "at_office OR at_home OR remote", name=op.f("ck_bookable_slot_some_consultation")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_bookable_slot_ends_after_start")),
        sa.CheckConstraint(
            "for_public OR for_professionals OR for_regulation OR for_community",
            name=op.f("ck_bookable_slot_visible_to_somebody"),
        ),
        sa.CheckConstraint("max_patients > 0", name=op.f("ck_bookable_slot_max_patients_positive")),
        sa.CheckConstraint(
            "taken BETWEEN 0 AND max_patients OR extra_allowed",
            name=op.f("ck_bookable_slot_not_overbooked"),
        ),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_bookable_slot_practice_id_practice")
        ),
        sa.ForeignKeyConstraint(
            ["rpps"], ["doctor.rpps"], name=op.f("fk_bookable_slot_rpps_doctor")
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_bookable_slot_slot_id_slot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookable_slot")),
    )
    op.create_index(
        op.f("ix_bookable_slot_ends_at_starts_at"), "bookable_slot", ["ends_at", "starts_at"]
    )
    op.create_index(op.f("ix_bookable_slot_practice_id"), "bookable_slot", ["practice_id"])
    op.create_index(
        op.f("ix_bookable_slot_rpps_ends_at_starts_at"),
        "bookable_slot",
        ["rpps", "ends_at", "starts_at"],
    )
    op.create_index(op.f("ix_bookable_slot_slot_id"), "bookable_slot", ["slot_id"])


def _create_bookable_slot_territory() -> None:
    op.create_table(
        "bookable_slot_territory",
        sa.Column("bookable_slot_id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bookable_slot_id"],
            ["bookable_slot.id"],
            name=op.f("fk_bookable_slot_territory_bookable_slot_id_bookable_slot"),
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"],
            ["territory.id"],
            name=op.f("fk_bookable_slot_territory_territory_id_territory"),
        ),
        sa.PrimaryKeyConstraint(
            "bookable_slot_id", "territory_id", name=op.f("pk_bookable_slot_territory")
        ),
    )
    op.create_index(
        op.f("ix_bookable_slot_territory_territory_id"), "bookable_slot_territory", ["territory_id"]
    )


def _create_unavailability() -> None:
    op.create_table(
        "unavailability",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rpps", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_unavailability_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["rpps"], ["doctor.rpps"], name=op.f("fk_unavailability_rpps_doctor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unavailability")),
    )
    op.create_index(
        op.f("ix_unavailability_rpps_starts_at"), "unavailability", ["rpps", "starts_at"]
    )


def _create_hold() -> None:
    op.create_table(
        "hold",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("bookable_slot_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("expires_at > made_at", name=op.f("ck_hold_expires_after_made")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_hold_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["bookable_slot_id"],
            ["bookable_slot.id"],
            name=op.f("fk_hold_bookable_slot_id_bookable_slot"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold_account_id"), "hold", ["account_id"])
    op.create_index(op.f("ix_hold_expires_at"), "hold", ["expires_at"])
    op.create_index(
        op.f("ix_hold_bookable_slot_id_expires_at"), "hold", ["bookable_slot_id", "expires_at"]
    )


def _create_booking() -> None:
    op.create_table(
        "booking",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("bookable_slot_id", sa.String(), nullable=False),
        sa.Column("rpps", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consultation", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("from_sas", sa.Boolean(), nullable=False),
        sa.Column("regulated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drm_ref", sa.String(), nullable=True),
        sa.Column("own_patient", sa.Boolean(), nullable=True),
        sa.Column("extra", sa.Boolean(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "consultation IN ('AMB', 'HH', 'VR')", name=op.f("ck_booking_consultation_known")
        ),
        sa.CheckConstraint(
            "state IN ('booked', 'fulfilled', 'noshow', 'cancelled')",
            name=op.f("ck_booking_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_booking_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["bookable_slot_id"],
            ["bookable_slot.id"],
            name=op.f("fk_booking_bookable_slot_id_bookable_slot"),
        ),
        sa.ForeignKeyConstraint(["rpps"], ["doctor.rpps"], name=op.f("fk_booking_rpps_doctor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
    )
    op.create_index(op.f("ix_booking_account_id"), "booking", ["account_id"])
    op.create_index(
        "ix_booking_drm_ref",
        "booking",
        ["drm_ref"],
        postgresql_where=sa.text("drm_ref IS NOT NULL"),
        sqlite_where=sa.text("drm_ref IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_booking_bookable_slot_id_state"), "booking", ["bookable_slot_id", "state"]
    )
    op.create_index(op.f("ix_booking_rpps_starts_at"), "booking", ["rpps", "starts_at"])
