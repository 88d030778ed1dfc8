"""Metrics of circuit breakers."""

from prometheus_client import CollectorRegistry

from app.core.resilience.breaker import Breakers
from app.core.resilience.metrics import BreakerCollector
from app.settings import Settings
from tests.support.metrics import scraped


def test_each_scrape_reads_the_current_state_of_the_breakers(settings: Settings) -> None:
    """Also of breakers that are created after the metrics."""
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
