"""A real database without records."""

from collections.abc import AsyncIterator

import pytest

from app.core.postgres.database import Database
from app.core.resilience.breaker import Breakers
from app.settings import Settings
from tests.support.postgres import PostgresServer


@pytest.fixture
def breakers(settings: Settings) -> Breakers:
    return Breakers(settings)


@pytest.fixture
async def database(postgres: PostgresServer, settings: Settings, breakers: Breakers) -> AsyncIterator[Database]:
    postgres.execute("TRUNCATE request_minutes, instances, jobs, outbox", "app")
    database = Database(settings, breakers.new("database"))
    await database.open()
    yield database
    await database.close()
