"""Role and schema of another service, created by a master user like that of RDS, on a real server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.migrations.migrate import MigrationError, migrate
from app.migrations.schema import Schema, ensure_schema
from app.settings import Settings

MASTER = "master_of_tests"
NEW = (Schema(role="shop", connections=7, migration=False), Schema(role="shop", connections=7, migration=True))


@pytest.fixture
def master(empty_database_url: str) -> Iterator[Settings]:
    """Settings of a master user, who may create roles and is not a superuser, of a migrated database."""
    with psycopg.connect(empty_database_url, autocommit=True) as server:
        database = server.info.dbname
        server.execute(f"CREATE ROLE {MASTER} LOGIN PASSWORD 'secret' CREATEROLE CREATEDB")  # type: ignore[call-overload]
        server.execute("CREATE ROLE rds_iam NOLOGIN")
        server.execute(f"GRANT rds_iam TO {MASTER} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")  # type: ignore[call-overload]
        server.execute(f'ALTER DATABASE "{database}" OWNER TO {MASTER}')  # type: ignore[call-overload]
        parts = {**conninfo_to_dict(empty_database_url), "user": MASTER, "password": "secret"}
        settings = Settings(
            database_url=f"postgresql://{MASTER}:secret@{parts['host']}:{parts['port']}/{parts['dbname']}"
        )
        try:
            migrate(settings)
            yield settings
        finally:
            names = [MASTER, "shop", "shop__migration", "other"]
            made = server.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [names]).fetchall()
            for (name,) in made:
                server.execute(f"DROP OWNED BY {name} CASCADE")  # type: ignore[call-overload]
            server.execute(f'ALTER DATABASE "{database}" OWNER TO CURRENT_USER')  # type: ignore[call-overload]
            for (name,) in sorted(made, reverse=True):
                server.execute(f"DROP ROLE {name}")  # type: ignore[call-overload]
            server.execute("DROP ROLE rds_iam")


@pytest.fixture
def superuser(empty_database_url: str) -> str:
    """Connection string of the superuser."""
    return empty_database_url


def attempt(superuser: str, role: str, *statements: str) -> str:
    """Run statements as a role in one session; return the error, or an empty string."""
    with psycopg.connect(make_conninfo(superuser, options=f"-c search_path={role.partition('__')[0]}")) as session:
        session.execute(f"SET ROLE {role}")  # type: ignore[call-overload]
        try:
            for statement in statements:
                session.execute(statement)  # type: ignore[call-overload]
        except psycopg.Error as error:
            return str(error)
    return ""


def value(superuser: str, query: str) -> Any:
    """Return the value of a query of the catalog."""
    with psycopg.connect(superuser) as session:
        row = session.execute(query).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]


@pytest.mark.parametrize("schema", NEW)
def test_a_service_has_access_to_its_schema_only(master: Settings, superuser: str, schema: Schema) -> None:
    """It has no access to the tables of other services, and may create neither schemas nor roles."""
    ensure_schema(master, schema)
    ensure_schema(master, schema)  # the Job may run again
    ensure_schema(master, Schema(role="other", connections=1, migration=False))

    assert attempt(superuser, schema.owner, "CREATE TABLE orders (id serial, name text)") == ""
    assert attempt(superuser, "shop", "INSERT INTO orders (name) VALUES ('a')", "UPDATE orders SET name = 'b'") == ""
    assert attempt(superuser, "shop", "DELETE FROM orders", "SELECT * FROM orders") == ""
    assert attempt(superuser, "other", "CREATE TABLE mine (id int)") == ""
    for denied in ("SELECT * FROM public.items", "SELECT * FROM other.mine", "CREATE TABLE other.x (id int)"):
        for role in {"shop", schema.owner}:
            assert "permission denied" in attempt(superuser, role, denied)
    assert "permission denied" in attempt(superuser, "shop", "CREATE TABLE public.x (id int)")
    assert "permission denied" in attempt(superuser, "shop", "CREATE SCHEMA more")
    assert "permission denied" in attempt(superuser, "shop", "CREATE ROLE more")
    assert value(superuser, "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'shop'") == 7
    assert value(superuser, "SELECT array_to_string(rolconfig, ',') FROM pg_roles WHERE rolname = 'shop'") == (
        "search_path=shop"
    )


def test_with_a_migration_only_its_role_may_change_the_schema(master: Settings, superuser: str) -> None:
    """This role owns the tables. If the migration is added or removed, existing tables change their owner."""
    ensure_schema(master, NEW[0])
    assert attempt(superuser, "shop", "CREATE TABLE orders (id int)") == ""

    ensure_schema(master, NEW[1])

    for denied in ("CREATE TABLE more (id int)", "ALTER TABLE orders ADD name text", "DROP TABLE orders"):
        error = attempt(superuser, "shop", denied)
        assert "permission denied" in error or "must be owner" in error
    assert attempt(superuser, "shop__migration", "ALTER TABLE orders ADD name text") == ""
    assert attempt(superuser, "shop", "INSERT INTO orders (id, name) VALUES (1, 'a')") == ""

    ensure_schema(master, NEW[0])

    assert attempt(superuser, "shop", "DROP TABLE orders", "CREATE TABLE more (id int)") == ""
    assert value(superuser, "SELECT count(*) FROM pg_roles WHERE rolname = 'shop__migration'") == 0


@pytest.mark.parametrize("schema", NEW)
def test_the_master_user_can_still_sign_in_with_its_password(master: Settings, superuser: str, schema: Schema) -> None:
    """On RDS all direct and indirect members of rds_iam must sign in with a token, as the roles of the service do."""
    ensure_schema(master, schema)

    uses = f"SELECT pg_has_role('{MASTER}', 'rds_iam', 'USAGE') OR pg_has_role('{MASTER}', 'shop', 'SET')"
    assert value(superuser, uses) is False
    for role in {"shop", schema.owner}:
        assert value(superuser, f"SELECT pg_has_role('{role}', 'rds_iam', 'USAGE')") is True
        assert value(superuser, f"SELECT pg_has_role('{role}', '{MASTER}', 'MEMBER')") is False


def test_the_command_creates_the_role_and_schema(master: Settings, superuser: str) -> None:
    """The command is that of the Job of a service."""
    assert master.database_url is not None
    environment = {**os.environ, "DATABASE_URL": master.database_url.get_secret_value()}
    command = [sys.executable, "-m", "app", "schema", "shop", "--connections", "9", "--migration"]

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert value(superuser, "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'shop'") == 9
    owner = "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'shop'"
    assert value(superuser, owner) == "shop__migration"


@pytest.mark.parametrize(
    ("role", "says"),
    [
        (MASTER, "is the master user; choose another name for the service"),
        ("Shop", "must be lower case letters"),
        ("shop__x", "must be lower case letters, digits and single underscores, such as my_shop, got shop__x"),
    ],
)
def test_rejects_an_invalid_role(master: Settings, role: str, says: str) -> None:
    """The message has the accepted names."""
    with pytest.raises(MigrationError, match=says):
        ensure_schema(master, Schema(role=role, connections=1, migration=False))


def test_rejects_a_server_without_iam_authentication(empty_database_url: str) -> None:
    """The message says how to enable it."""
    with pytest.raises(MigrationError, match="turn on IAM database authentication"):
        ensure_schema(Settings(database_url=empty_database_url), NEW[0])
