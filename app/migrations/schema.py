"""`schema`: the role and the schema of another service in this database, which it shares with the bundled one."""

import re
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
import structlog
from psycopg.sql import SQL, Identifier, Literal

from app.migrations.migrate import LOCK, WAIT_SECONDS, MigrationError, wait_for_database
from app.migrations.service_role import IAM_ROLE
from app.settings import Settings

ROLE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
MIGRATION = "__migration"
"""Suffix of the name of the role that migrates; no name of a service contains two underscores."""

# As the master user, which is a member of both roles until the end of the transaction. PostgreSQL requires it to give
# them a schema or default privileges; a member of a role with rds_iam could no longer sign in with a password.
_JOIN: LiteralString = "GRANT {each} TO CURRENT_USER"
_LEAVE: LiteralString = "REVOKE {each} FROM CURRENT_USER"
_SIGN_IN: tuple[LiteralString, ...] = (
    "ALTER ROLE {each} LOGIN INHERIT NOCREATEDB NOCREATEROLE",
    "ALTER ROLE {each} SET search_path = {schema}",
    "GRANT rds_iam TO {each}",
    "GRANT CONNECT ON DATABASE {database} TO {each}",
)
_OWN: tuple[LiteralString, ...] = (
    "CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {owner}",
    "ALTER SCHEMA {schema} OWNER TO {owner}",
    "ALTER ROLE {role} CONNECTION LIMIT {connections}",
)
_USE: tuple[LiteralString, ...] = (
    "REVOKE ALL ON SCHEMA {schema} FROM {role}",
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema}"
    " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {role}",
)

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Schema:
    """What another service has in the database."""

    role: str
    """Role that its pods sign in as, and the schema of the same name."""
    connections: int
    """Connections that the role may hold."""
    migration: bool
    """Whether a separate role changes the schema. Otherwise the role of the service does."""

    @property
    def owner(self) -> str:
        """The role that owns the schema and what is in it."""
        return f"{self.role}{MIGRATION}" if self.migration else self.role


def ensure_schema(settings: Settings, schema: Schema, wait_seconds: float = WAIT_SECONDS) -> None:
    """Create the role and the schema, or reset them to exactly these rights, as the master user.

    The objects in the schema are kept and become owned by the role that may change it. Raises MigrationError.
    """
    if not ROLE.fullmatch(schema.role):
        raise MigrationError(
            f"schema: must be lower case letters, digits and single underscores, such as my_shop, got {schema.role}"
        )
    with wait_for_database(settings, wait_seconds) as connection:
        try:
            _ensure(connection, schema)
        except psycopg.Error as error:
            raise MigrationError(f"the schema {schema.role}: {' '.join(str(error).split())}") from None
    log.info("schema is ready", schema=schema.role, owner=schema.owner)


def _ensure(connection: psycopg.Connection[Any], schema: Schema) -> None:
    # With the lock of the migrations: two sessions must not change the same row of a catalog.
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    found = connection.execute("SELECT current_user, current_database()").fetchone() or ("", "")
    roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    if schema.role == found[0]:
        raise MigrationError(f"{schema.role} is the master user; choose another name for the service")
    if IAM_ROLE not in roles:
        raise MigrationError("the server has no role rds_iam; turn on IAM database authentication")
    migrator = f"{schema.role}{MIGRATION}"
    names = {
        "role": Identifier(schema.role),
        "owner": Identifier(schema.owner),
        "schema": Identifier(schema.role),
        "database": Identifier(found[1]),
        "migrator": Identifier(migrator),
        "connections": Literal(schema.connections),
    }

    def run(*statements: LiteralString, each: str = "") -> None:
        for statement in statements:
            connection.execute(SQL(statement).format(**names, each=Identifier(each or schema.role)))

    wanted = [schema.role, *([migrator] if schema.migration else [])]
    for each in wanted:
        if each not in roles:
            run("CREATE ROLE {each}", each=each)
        run(*_SIGN_IN, each=each)
    members = sorted({*wanted, *({migrator} & roles)})
    for each in members:
        run(_JOIN, each=each)
    run(*_OWN)
    if schema.migration:
        run("REASSIGN OWNED BY {role} TO {migrator}", *_USE)
    elif migrator in roles:
        run("REASSIGN OWNED BY {migrator} TO {role}", "DROP OWNED BY {migrator}", "DROP ROLE {migrator}")
        members.remove(migrator)
    for each in members:
        run(_LEAVE, each=each)
