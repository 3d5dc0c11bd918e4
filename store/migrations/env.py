"""What Alembic runs for every command: on the connection handed over by `store.session`."""

from alembic import context

from store import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.Row.metadata,
    # SQLite changes a table by writing it anew.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
