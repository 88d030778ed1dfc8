"""Run by Alembic for every command; the connection, which holds the lock, comes from migrate.py."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
