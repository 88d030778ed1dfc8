"""What Alembic runs for every command; the connection, with the lock on it, comes from migrate.py."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
