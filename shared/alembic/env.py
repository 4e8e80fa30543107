"""Alembic's environment: the connection and the service come with the configuration."""

from alembic import context

from shared.migrations import tables_of

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=tables_of(config.attributes["service"]),
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
