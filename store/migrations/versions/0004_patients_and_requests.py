"""Patients, households, consents, requests and what happened to them."""

import sqlalchemy as sa
from alembic import op

from store.migrations import guards

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_household()
    _create_patient()
    _create_consent()
    _create_request()
    _create_request_event()
    _create_exclusion()
    guards.never_changed("request_event")


def downgrade() -> None:
    for table in ("exclusion", "request_event", "request", "consent", "patient", "household"):
        op.drop_table(table)


def _create_household() -> None:
    op.create_table(
        "household",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_household_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
    )
    op.create_index(op.f("ix_household_territory_id"), "household", ["territory_id"])


def _create_patient() -> None:
    op.create_table(
        "patient",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("file_number", sa.String(), nullable=False),
        sa.Column("household_id", sa.String(), nullable=True),
        sa.Column("family_name", sa.LargeBinary(), nullable=True),
        sa.Column("given_name", sa.LargeBinary(), nullable=True),
        sa.Column("birth_date", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("likeness", sa.String(), nullable=True),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("code_insee", sa.String(), nullable=True),
        sa.Column("cell", sa.String(), nullable=True),
        sa.Column("ald", sa.Boolean(), nullable=True),
        sa.Column("pregnant", sa.Boolean(), nullable=True),
        sa.Column("handicap", sa.Boolean(), nullable=True),
        sa.Column("ehpad", sa.Boolean(), nullable=True),
        sa.Column("precarious", sa.Boolean(), nullable=True),
        sa.Column("unattached_since", sa.Date(), nullable=True),
        sa.Column("usual_doctor_rpps", sa.String(), nullable=True),
        sa.Column("needs_wheelchair", sa.Boolean(), nullable=True),
        sa.Column("needs_home_visit", sa.Boolean(), nullable=True),
        sa.Column("languages", sa.String(), nullable=False),
        sa.Column("max_minutes", sa.Float(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("anonymised_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "birth_year BETWEEN 1880 AND 2200", name=op.f("ck_patient_birth_year_possible")
        ),
        sa.CheckConstraint("max_minutes >= 0", name=op.f("ck_patient_max_minutes_not_negative")),
        sa.ForeignKeyConstraint(
            ["code_insee"], ["commune.code_insee"], name=op.f("fk_patient_code_insee_commune")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_patient_household_id_household")
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_patient_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
        sa.UniqueConstraint(
            "territory_id", "file_number", name=op.f("uq_patient_territory_id_file_number")
        ),
    )
    op.create_index(op.f("ix_patient_code_insee"), "patient", ["code_insee"])
    op.create_index(op.f("ix_patient_household_id"), "patient", ["household_id"])
    op.create_index(
        op.f("ix_patient_likeness_territory_id"), "patient", ["likeness", "territory_id"]
    )


def _create_consent() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column("collected_by", sa.String(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('sharing', 'messages')", name=op.f("ck_consent_purpose_known")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_consent_patient_id_patient")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(
        op.f("ix_consent_patient_id_purpose_said_at"),
        "consent",
        ["patient_id", "purpose", "said_at"],
    )


def _create_request() -> None:
    op.create_table(
        "request",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rpps", sa.String(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declared_by", sa.String(), nullable=True),
        sa.Column("forwarded_to", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (state IN ('received', 'to_qualify', 'eligible', 'proposed', 'first_visit_before_decision', 'accepted_by_doctor', 'accepted_by_patient', 'first_appointment_set', 'seen', 'declared'))",
            name=op.f("ck_request_ended_out_of_open_states"),
        ),
        sa.CheckConstraint(
            "declared_by IN ('doctor', 'insurer')", name=op.f("ck_request_declared_by_known")
        ),
        sa.CheckConstraint(
            "state IN ('received', 'to_qualify', 'eligible', 'proposed', 'first_visit_before_decision', 'accepted_by_doctor', 'accepted_by_patient', 'first_appointment_set', 'seen', 'declared', 'closed', 'opposed', 'withdrawn_found_alone', 'moved_away', 'deceased', 'unreachable', 'duplicate', 'out_of_territory')",
            name=op.f("ck_request_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_request_patient_id_patient")
        ),
        sa.ForeignKeyConstraint(["rpps"], ["doctor.rpps"], name=op.f("fk_request_rpps_doctor")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_request_run_id_run")),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_request_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
    )
    op.create_index(op.f("ix_request_patient_id"), "request", ["patient_id"])
    op.create_index(op.f("ix_request_rpps"), "request", ["rpps"])
    op.create_index(op.f("ix_request_run_id"), "request", ["run_id"])
    op.create_index(op.f("ix_request_state_expires_at"), "request", ["state", "expires_at"])
    op.create_index(
        op.f("ix_request_territory_id_state_state_since"),
        "request",
        ["territory_id", "state", "state_since"],
    )
    op.create_index(
        "uq_request_patient_id_open",
        "request",
        ["patient_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _create_request_event() -> None:
    op.create_table(
        "request_event",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("rpps", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "to_state IN ('received', 'to_qualify', 'eligible', 'proposed', 'first_visit_before_decision', 'accepted_by_doctor', 'accepted_by_patient', 'first_appointment_set', 'seen', 'declared', 'closed', 'opposed', 'withdrawn_found_alone', 'moved_away', 'deceased', 'unreachable', 'duplicate', 'out_of_territory')",
            name=op.f("ck_request_event_to_state_known"),
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_request_event_number_positive")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_request_event_request_id_request")
        ),
        sa.PrimaryKeyConstraint("request_id", "number", name=op.f("pk_request_event")),
    )


def _create_exclusion() -> None:
    op.create_table(
        "exclusion",
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("rpps", sa.String(), nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "said_by IN ('doctor', 'patient', 'coordinator')",
            name=op.f("ck_exclusion_said_by_known"),
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_exclusion_patient_id_patient")
        ),
        sa.ForeignKeyConstraint(["rpps"], ["doctor.rpps"], name=op.f("fk_exclusion_rpps_doctor")),
        sa.PrimaryKeyConstraint("patient_id", "rpps", name=op.f("pk_exclusion")),
    )
    op.create_index(op.f("ix_exclusion_rpps"), "exclusion", ["rpps"])
