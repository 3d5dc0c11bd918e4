"""Structures, communes of a territory, dated capacities, licences and replacements."""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

EXTRA = {
    "territory": (("finess", sa.String), ("phone", sa.String), ("contract_from", sa.Date)),
    "doctor": (("phone", sa.String), ("email", sa.String), ("checked_on", sa.Date)),
}
OF_PRACTICES = ("structure_id", "address", "phone", "rank")
DECLARED = ("places", "min_age", "max_age", "confirmed_on")
"""What a practice says no longer: a declaration of its own says it."""


def upgrade() -> None:
    op.execute("CREATE TABLE declared AS SELECT * FROM practice")
    _create_structure()
    _extend()
    _create_territory_commune()
    _create_capacity()
    op.execute(
        "INSERT INTO capacity"
        " (practice_id, current, places, min_age, max_age, declared_on, confirmed_on)"
        " SELECT id, true, places, min_age, max_age, confirmed_on, confirmed_on"
        " FROM declared ORDER BY id"
    )
    op.drop_table("declared")
    _create_licence()
    _create_authorisation()
    _create_replacement()


def downgrade() -> None:
    for table in ("replacement", "authorisation", "licence", "territory_commune"):
        op.drop_table(table)
    op.execute("CREATE TABLE declared AS SELECT * FROM capacity WHERE current")
    op.drop_table("capacity")
    _reduce()
    op.drop_table("declared")
    op.drop_table("structure")


def _extend() -> None:
    """What tables that were there before say besides, and what practices say no longer."""
    for table, columns in EXTRA.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind()))
    with op.batch_alter_table("practice") as practice:
        practice.drop_constraint(op.f("ck_practice_places_not_negative"), "check")
        for name in DECLARED:
            practice.drop_column(name)
        for name in OF_PRACTICES:
            practice.add_column(sa.Column(name, sa.String()))
        _refer(practice, "practice")
    with op.batch_alter_table("site") as site:
        site.add_column(sa.Column("structure_id", sa.String()))
        _refer(site, "site")


def _refer(changed: BatchOperations, table: str) -> None:
    name = op.f(f"fk_{table}_structure_id_structure")
    changed.create_foreign_key(name, "structure", ["structure_id"], ["id"])
    changed.create_index(op.f(f"ix_{table}_structure_id"), ["structure_id"])


def _reduce() -> None:
    """Back to what the tables said before; of capacities only the current one is kept."""
    for table in ("site", "practice"):
        with op.batch_alter_table(table) as changed:
            changed.drop_index(op.f(f"ix_{table}_structure_id"))
            changed.drop_constraint(op.f(f"fk_{table}_structure_id_structure"), "foreignkey")
            changed.drop_column("structure_id")
    with op.batch_alter_table("practice") as practice:
        for name in OF_PRACTICES[1:]:
            practice.drop_column(name)
        for name in DECLARED:
            kind = sa.Date() if name == "confirmed_on" else sa.Integer()
            practice.add_column(sa.Column(name, kind))
    for name in DECLARED:
        op.execute(
            f"UPDATE practice SET {name} ="  # noqa: S608
            f" (SELECT {name} FROM declared WHERE practice_id = practice.id)"
        )
    op.execute("UPDATE practice SET places = 0 WHERE places IS NULL")
    with op.batch_alter_table("practice") as practice:
        practice.alter_column("places", existing_type=sa.Integer(), nullable=False)
        practice.create_check_constraint(op.f("ck_practice_places_not_negative"), "places >= 0")
    for table, columns in EXTRA.items():
        with op.batch_alter_table(table) as changed:
            for name, _ in columns:
                changed.drop_column(name)


def _create_structure() -> None:
    op.create_table(
        "structure",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("finess", sa.String(), nullable=True),
        sa.Column("siret", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_structure")),
        sa.UniqueConstraint("finess", name=op.f("uq_structure_finess")),
        sa.UniqueConstraint("siret", name=op.f("uq_structure_siret")),
    )


def _create_capacity() -> None:
    op.create_table(
        "capacity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("min_age", sa.Integer(), nullable=True),
        sa.Column("max_age", sa.Integer(), nullable=True),
        sa.Column("declared_on", sa.Date(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("min_age <= max_age", name=op.f("ck_capacity_ages_in_order")),
        sa.CheckConstraint("places >= 0", name=op.f("ck_capacity_places_not_negative")),
        sa.ForeignKeyConstraint(
            ["practice_id"], ["practice.id"], name=op.f("fk_capacity_practice_id_practice")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity")),
    )
    op.create_index(
        op.f("ix_capacity_practice_id_declared_on"), "capacity", ["practice_id", "declared_on"]
    )
    op.create_index(
        "uq_capacity_practice_id_current",
        "capacity",
        ["practice_id"],
        unique=True,
        sqlite_where=sa.text("current = 1"),
        postgresql_where=sa.text("current"),
    )


def _create_licence() -> None:
    op.create_table(
        "licence",
        sa.Column("rpps", sa.String(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("departement", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["rpps"], ["doctor.rpps"], name=op.f("fk_licence_rpps_doctor")),
        sa.PrimaryKeyConstraint("rpps", "valid_until", name=op.f("pk_licence")),
    )


def _create_authorisation() -> None:
    op.create_table(
        "authorisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rpps", sa.String(), nullable=False),
        sa.Column("departement", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_authorisation_days_in_order")),
        sa.ForeignKeyConstraint(
            ["rpps"], ["doctor.rpps"], name=op.f("fk_authorisation_rpps_doctor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorisation")),
    )
    op.create_index(op.f("ix_authorisation_rpps_last_day"), "authorisation", ["rpps", "last_day"])


def _create_replacement() -> None:
    op.create_table(
        "replacement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("locum_rpps", sa.String(), nullable=False),
        sa.Column("replaced_rpps", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_replacement_days_in_order")),
        sa.CheckConstraint(
            "locum_rpps <> replaced_rpps", name=op.f("ck_replacement_somebody_else")
        ),
        sa.ForeignKeyConstraint(
            ["locum_rpps"], ["doctor.rpps"], name=op.f("fk_replacement_locum_rpps_doctor")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_rpps"], ["doctor.rpps"], name=op.f("fk_replacement_replaced_rpps_doctor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replacement")),
    )
    op.create_index(
        op.f("ix_replacement_locum_rpps_last_day"), "replacement", ["locum_rpps", "last_day"]
    )
    op.create_index(
        op.f("ix_replacement_replaced_rpps_last_day"), "replacement", ["replaced_rpps", "last_day"]
    )


def _create_territory_commune() -> None:
    op.create_table(
        "territory_commune",
        sa.Column("territory_id", sa.String(), nullable=False),
        sa.Column("code_insee", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["code_insee"],
            ["commune.code_insee"],
            name=op.f("fk_territory_commune_code_insee_commune"),
        ),
        sa.ForeignKeyConstraint(
            ["territory_id"],
            ["territory.id"],
            name=op.f("fk_territory_commune_territory_id_territory"),
        ),
        sa.PrimaryKeyConstraint("territory_id", "code_insee", name=op.f("pk_territory_commune")),
    )
    op.create_index(op.f("ix_territory_commune_code_insee"), "territory_commune", ["code_insee"])
