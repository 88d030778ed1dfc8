"""A real PostgreSQL for the session, and clients of the application that uses it. SQS is emulated by moto."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import httpx
import pytest

from app.core.lifecycle import Lifecycle
from app.migrations.migrate import migrate
from app.settings import Settings
from tests.support.client import client_of
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer, running
from tests.support.queue import TestQueue, moto_server, use


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
    """An empty database at the newest revision of the schema."""
    postgres.execute(
        "TRUNCATE items, users, jobs, outbox, instances, request_minutes, idempotency_keys RESTART IDENTITY", "app"
    )
    return _migrated


@pytest.fixture
def empty_database_url(postgres: PostgresServer) -> str:
    """A database without migrations."""
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
    """A client of the application, with an open connection pool."""
    async with client_of(settings, lifecycle) as client:
        yield client


@pytest.fixture
async def cut_off() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application whose database is unreachable from the start."""
    settings = Settings(database_url=f"postgresql://nobody@127.0.0.1:{free_port()}/none", environment="test")
    async with client_of(settings) as client:
        yield client


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture
def sqs(moto: str, monkeypatch: pytest.MonkeyPatch) -> TestQueue:
    """An empty queue with its dead-letter queue; the environment variables of this process point to it."""
    queue = TestQueue(moto, f"jobs-{uuid4().hex[:12]}")
    use(monkeypatch, queue)
    return queue
