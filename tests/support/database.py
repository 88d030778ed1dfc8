"""The connection pool of the service, open for a block."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.core.postgres.database import Database
from app.settings import Settings


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Yield the pool, and always close it."""
    database = Database(settings)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
