"""What several migrations do alike: rows that the database itself refuses to change."""

from alembic import op


def never_changed(table: str) -> None:
    """Rows of the table are added and removed, never changed."""
    trigger = f"CREATE TRIGGER tr_{table}_never_changed BEFORE UPDATE ON {table}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"{trigger} BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END")
        return
    op.execute(
        """
        CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '% is never changed', TG_TABLE_NAME; END $$
        """
    )
    op.execute(f"{trigger} FOR EACH ROW EXECUTE FUNCTION refuse_change()")


def forget_never_changed() -> None:
    """After the last table of the kind is gone."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
