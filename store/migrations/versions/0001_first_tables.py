"""The first tables: communes, doctors and practices, sites, slots and duties, runs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_places()
    _create_doctors()
    _create_roster()
    _create_runs()


def downgrade() -> None:
    for table in (
        "commune_figure",
        "run",
        "duty",
        "slot",
        "site",
        "practice",
        "doctor",
        "commune",
        "territory",
    ):
        op.drop_table(table)


def _create_places() -> None:
    """Territories and communes."""
    op.create_table(
        "territory",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory")),
    )
    op.create_table(
        "commune",
        sa.Column("code_insee", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("postal_codes", sa.String(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("epci_name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code_insee", name=op.f("pk_commune")),
    )
    op.create_index(op.f("ix_commune_name"), "commune", ["name"])


def _create_doctors() -> None:
    """Doctors and their practices."""
    op.create_table(
        "doctor",
        sa.Column("rpps", sa.String(), nullable=False),
        sa.Column("family_name", sa.String(), nullable=True),
        sa.Column("given_name", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("rpps", name=op.f("pk_doctor")),
    )
    op.create_table(
        "practice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rpps", sa.String(), nullable=False),
        sa.Column("code_insee", sa.String(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("min_age", sa.Integer(), nullable=True),
        sa.Column("max_age", sa.Integer(), nullable=True),
        sa.Column("wheelchair", sa.Boolean(), nullable=True),
        sa.Column("languages", sa.String(), nullable=False),
        sa.Column("home_visit_minutes", sa.Float(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90", name=op.f("ck_practice_latitude_on_earth")
        ),
        sa.CheckConstraint(
            "longitude BETWEEN -180 AND 180", name=op.f("ck_practice_longitude_on_earth")
        ),
        sa.CheckConstraint("places >= 0", name=op.f("ck_practice_places_not_negative")),
        sa.ForeignKeyConstraint(
            ["code_insee"], ["commune.code_insee"], name=op.f("fk_practice_code_insee_commune")
        ),
        sa.ForeignKeyConstraint(["rpps"], ["doctor.rpps"], name=op.f("fk_practice_rpps_doctor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice")),
    )
    op.create_index(op.f("ix_practice_code_insee"), "practice", ["code_insee"])
    op.create_index(op.f("ix_practice_rpps"), "practice", ["rpps"])


def _create_roster() -> None:
    """Sites, slots and duties."""
    op.create_table(
        "site",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("territory_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("code_insee", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["code_insee"], ["commune.code_insee"], name=op.f("fk_site_code_insee_commune")
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"], ["territory.id"], name=op.f("fk_site_territory_id_territory")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_index(op.f("ix_site_territory_id"), "site", ["territory_id"])
    op.create_table(
        "slot",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("doctors_needed", sa.Integer(), nullable=False),
        sa.Column("hardness", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.CheckConstraint("doctors_needed >= 0", name=op.f("ck_slot_doctors_needed_not_negative")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_slot_ends_after_start")),
        sa.CheckConstraint("hardness BETWEEN 1 AND 3", name=op.f("ck_slot_hardness_known")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_slot_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
    )
    op.create_index(op.f("ix_slot_ends_at_starts_at"), "slot", ["ends_at", "starts_at"])
    op.create_index(
        op.f("ix_slot_site_id_ends_at_starts_at"), "slot", ["site_id", "ends_at", "starts_at"]
    )
    op.create_index(op.f("ix_slot_starts_at"), "slot", ["starts_at"])
    op.create_table(
        "duty",
        sa.Column("slot_id", sa.String(), nullable=False),
        sa.Column("rpps", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["rpps"], ["doctor.rpps"], name=op.f("fk_duty_rpps_doctor")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_duty_slot_id_slot")),
        sa.PrimaryKeyConstraint("slot_id", "rpps", name=op.f("pk_duty")),
    )
    op.create_index(op.f("ix_duty_rpps"), "duty", ["rpps"])


def _create_runs() -> None:
    """Runs and their published figures."""
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("problem_digest", sa.String(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('matching', 'roster')", name=op.f("ck_run_kind_known")),
        sa.CheckConstraint(
            "status IN ('optimal', 'feasible', 'none')", name=op.f("ck_run_status_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_kind_finished_at"), "run", ["kind", "finished_at"])
    op.create_table(
        "commune_figure",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("code_insee", sa.String(), nullable=False),
        sa.Column("patients", sa.Integer(), nullable=True),
        sa.Column("proposed", sa.Integer(), nullable=True),
        sa.Column("waiting", sa.Integer(), nullable=True),
        sa.Column("accepting_doctors", sa.Integer(), nullable=False),
        sa.Column("places_open", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["code_insee"],
            ["commune.code_insee"],
            name=op.f("fk_commune_figure_code_insee_commune"),
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_commune_figure_run_id_run")),
        sa.PrimaryKeyConstraint("run_id", "code_insee", name=op.f("pk_commune_figure")),
    )
