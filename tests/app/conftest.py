"""A real PostgreSQL for the session, and the application on it."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from app.lifecycle import Lifecycle
from app.migrations.migrate import migrate
from app.settings import Settings
from tests.support.client import client_of
from tests.support.postgres import PostgresServer, running


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    with running(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def _migrated(postgres: PostgresServer) -> str:
    postgres.execute("CREATE DATABASE app")
    migrate(Settings(database_url=postgres.url("app")))
    return postgres.url("app")


@pytest.fixture
def database_url(postgres: PostgresServer, _migrated: str) -> str:
    """A database at head, with nothing in it."""
    postgres.execute(
        "TRUNCATE items, users, jobs, outbox, instances, request_minutes, idempotency_keys RESTART IDENTITY", "app"
    )
    return _migrated


@pytest.fixture
def empty_database_url(postgres: PostgresServer) -> str:
    """A database that no migration ever saw."""
    postgres.execute("DROP DATABASE IF EXISTS empty WITH (FORCE)")
    postgres.execute("CREATE DATABASE empty")
    return postgres.url("empty")


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, environment="test")


@pytest.fixture
def lifecycle() -> Lifecycle:
    return Lifecycle()


@pytest.fixture
async def client(settings: Settings, lifecycle: Lifecycle) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, its pool open."""
    async with client_of(settings, lifecycle) as client:
        yield client
