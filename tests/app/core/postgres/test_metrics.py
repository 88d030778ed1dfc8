"""Metrics of the connection pool."""

from prometheus_client import CollectorRegistry

from app.core.postgres.database import Database
from app.core.postgres.metrics import PoolCollector
from app.settings import Settings
from tests.support.metrics import scraped


async def test_each_scrape_reads_the_current_state_of_the_pool(settings: Settings) -> None:
    """A connection that is checked out counts as used."""
    database = Database(settings)
    registry = CollectorRegistry()
    registry.register(PoolCollector(database))
    await database.open()
    try:
        async with database.connection():
            during = scraped(registry)
    finally:
        await database.close()

    assert {"db_pool_max_connections 10.0", "db_pool_requests_waiting 0.0"} <= during
    assert 'db_pool_connections{state="used"} 0.0' not in during
    assert any(line.startswith('db_pool_connections{state="used"} ') for line in during)
