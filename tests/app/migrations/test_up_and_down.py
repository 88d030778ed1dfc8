"""All revisions up, down and up again, with rows in the tables: data in both schemas is kept."""

from collections.abc import Callable
from typing import Any

import psycopg
from alembic.command import downgrade, upgrade
from alembic.config import Config
from psycopg.rows import dict_row
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from app.migrations.head import VERSIONS
from app.migrations.migrate import migrate
from app.settings import Settings

OLD_TABLES = {"alembic_version", "items", "users"}
NEW_TABLES = {"idempotency_keys", "instances", "jobs", "outbox", "request_minutes"}


def move(url: str, command: Callable[[Config, str], None], revision: str) -> None:
    """Run a command of Alembic as migrate does."""
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command(config, revision)


def rows(url: str, statement: str) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        cursor = connection.execute(statement)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


def schema(url: str) -> list[dict[str, Any]]:
    """Return all columns and indexes, sorted by name."""
    return rows(
        url,
        """
        SELECT table_name AS name, column_name || ' ' || data_type || ' ' || is_nullable AS what
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        ORDER BY 1, 2
        """,
    )


def tables(url: str) -> set[str]:
    return {row["tablename"] for row in rows(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def kept(url: str) -> list[dict[str, Any]]:
    """Return the data of items and users in the columns of revision 0001."""
    return rows(
        url,
        "SELECT id, name, description AS said, created_at, updated_at FROM items "
        "UNION ALL SELECT id, name, email, created_at, updated_at FROM users ORDER BY name",
    )


def versions(url: str) -> list[int]:
    return [row["version"] for row in rows(url, "SELECT version FROM items UNION ALL SELECT version FROM users")]


def test_rows_survive_every_upgrade_and_downgrade(empty_database_url: str) -> None:
    """A downgrade deletes the newer tables, and keeps all data of the older release."""
    url = empty_database_url
    move(url, upgrade, "0001")
    assert tables(url) == OLD_TABLES
    old_schema = schema(url)
    rows(url, "INSERT INTO items (name, description) VALUES ('anchor', 'cast iron')")
    rows(url, "INSERT INTO users (name, email) VALUES ('zoe', 'zoe@example.com')")
    before = kept(url)
    assert [row["name"] for row in before] == ["anchor", "zoe"]

    migrate(Settings(database_url=url))
    new_schema = schema(url)
    assert tables(url) == OLD_TABLES | NEW_TABLES
    assert kept(url) == before
    assert versions(url) == [1, 1]

    rows(url, "UPDATE items SET version = 7")
    rows(
        url,
        "WITH job AS (INSERT INTO jobs (kind, payload) VALUES ('import-items', '{}') RETURNING id) "
        "INSERT INTO outbox (job_id) SELECT id FROM job",
    )
    assert rows(url, "SELECT count(*) AS n FROM outbox JOIN jobs ON jobs.id = job_id") == [{"n": 1}]
    move(url, downgrade, "0001")
    assert (tables(url), schema(url)) == (OLD_TABLES, old_schema)
    assert kept(url) == before

    migrate(Settings(database_url=url))
    assert (tables(url), schema(url)) == (OLD_TABLES | NEW_TABLES, new_schema)
    assert kept(url) == before
    assert versions(url) == [1, 1]
    assert rows(url, "SELECT * FROM jobs") == rows(url, "SELECT * FROM outbox") == []


def test_a_downgrade_to_the_base_deletes_all_tables(empty_database_url: str) -> None:
    """Afterwards the upgrade creates them again."""
    migrate(Settings(database_url=empty_database_url))

    move(empty_database_url, downgrade, "base")

    assert tables(empty_database_url) == {"alembic_version"}
    migrate(Settings(database_url=empty_database_url))
    assert tables(empty_database_url) == OLD_TABLES | NEW_TABLES
