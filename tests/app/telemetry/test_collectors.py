"""What is read at scrape."""

from prometheus_client import CollectorRegistry, generate_latest

from app.database import Database
from app.reliability.breaker import Breakers
from app.settings import Settings
from app.telemetry.collectors import BreakerCollector, PoolCollector


def scraped(registry: CollectorRegistry) -> set[str]:
    return {line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")}


def test_breakers_are_read_as_they_are_at_each_scrape(settings: Settings) -> None:
    """Also those that are made after the metrics."""
    breakers = Breakers(settings.model_copy(update={"breaker_failure_threshold": 1, "breaker_recovery_seconds": 0}))
    registry = CollectorRegistry()
    registry.register(BreakerCollector(breakers))
    database, queue = breakers.new("database"), breakers.new("queue")
    database.failed()
    queue.failed()
    queue.allow()

    assert scraped(registry) == {
        'breaker_state{name="database"} 2.0',
        'breaker_state{name="queue"} 1.0',
        'breaker_opened_total{name="database"} 1.0',
        'breaker_opened_total{name="queue"} 1.0',
    }
    queue.succeeded()
    assert 'breaker_state{name="queue"} 0.0' in scraped(registry)


async def test_the_pool_is_read_as_it_is_at_each_scrape(settings: Settings) -> None:
    """A lent connection is used."""
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
