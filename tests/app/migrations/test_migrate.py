"""Migrations of the schema, on a real database."""

import threading

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.migrations import migrate as migrations
from app.migrations.head import VERSIONS, head
from app.migrations.migrate import MigrationError, migrate
from app.settings import Settings
from tests.support.ports import free_port


def revision(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert row is not None
    return str(row[0])


def test_head_is_the_newest_revision_of_alembic() -> None:
    """It is read from the file names, so revisions must be a single chain of numbers with 4 digits."""
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    scripts = ScriptDirectory.from_config(config)

    assert scripts.get_heads() == [head()]
    assert {len(script.revision) for script in scripts.walk_revisions()} == {4}
    newest_first = [script.revision for script in scripts.walk_revisions()]
    assert newest_first == sorted(newest_first, reverse=True)


def test_migrating_again_changes_nothing(empty_database_url: str) -> None:
    """The Job may run again."""
    settings = Settings(database_url=empty_database_url)

    migrate(settings)
    migrate(settings)

    assert revision(empty_database_url) == head()


def test_four_concurrent_migrations_do_not_conflict(empty_database_url: str) -> None:
    """An advisory lock lets them run one after the other."""
    settings = Settings(database_url=empty_database_url)
    failures: list[Exception] = []

    def run() -> None:
        try:
            migrate(settings)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert revision(empty_database_url) == head()


def test_a_newer_schema_is_not_changed(empty_database_url: str) -> None:
    """A rollback runs the Job of the older release on the schema of the newer one."""
    settings = Settings(database_url=empty_database_url)
    migrate(settings)
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    migrate(settings)

    assert revision(empty_database_url) == "9999"


def test_waits_for_the_lock_until_the_timeout(empty_database_url: str) -> None:
    """Then the error names the lock timeout."""
    with psycopg.connect(empty_database_url) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (migrations.LOCK,))

        with pytest.raises(MigrationError, match="lock timeout"):
            migrate(Settings(database_url=empty_database_url), wait_seconds=1)


def test_rejects_a_database_that_stays_unreachable() -> None:
    """The error has the database, the reason and the settings to check, without the password."""
    settings = Settings(database_url=f"postgresql://ada:tops3cret@127.0.0.1:{free_port()}/app")

    with pytest.raises(MigrationError, match=r"127\.0\.0\.1:\d+/app was unreachable for 0.5 s: .*refused") as error:
        migrate(settings, wait_seconds=0.5)

    assert "DB_HOST" in str(error.value)
    assert "tops3cret" not in str(error.value)
