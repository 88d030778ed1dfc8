"""The role that the service signs in as: it reads and writes rows, and cannot change tables."""

from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier

IAM_ROLE = "rds_iam"  # its members sign in with a token and with no password

# On the owner's tables: those that exist, and those that later migrations create.
_GRANTS: tuple[LiteralString, ...] = (
    "ALTER ROLE {role} LOGIN INHERIT NOCREATEDB NOCREATEROLE",
    "GRANT rds_iam TO {role}",
    "GRANT CONNECT ON DATABASE {database} TO {role}",
    # Before PostgreSQL 15 every role could create tables in this schema.
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "REVOKE ALL ON SCHEMA public FROM {role}",
    "GRANT USAGE ON SCHEMA public TO {role}",
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
)


class ServiceRoleError(Exception):
    """The role cannot be created or used; the message says why and what to do."""


def ensure_service_role(connection: psycopg.Connection[Any], role: str) -> None:
    """Create the role, or reset it to exactly these rights, in one transaction as the owner of the tables.

    Raises ServiceRoleError if the role is the owner itself, or the server has no IAM database authentication.
    """
    with connection.transaction():
        owner, database = connection.execute("SELECT current_user, current_database()").fetchone() or ("", "")
        if role == owner:
            raise ServiceRoleError(f"DB_USER is {role}, which owns the tables; set a separate role for the service")
        roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        if IAM_ROLE not in roles:
            raise ServiceRoleError("the server has no role rds_iam; turn on IAM database authentication")
        names = {"role": Identifier(role), "database": Identifier(database)}
        if role not in roles:
            connection.execute(SQL("CREATE ROLE {role}").format(**names))
        for statement in _GRANTS:
            connection.execute(SQL(statement).format(**names))
