"""Figures that are read when somebody scrapes, so that requests pay nothing for them."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.database import Database
from app.reliability.breaker import Breakers, State

_STATES: dict[State, int] = {"closed": 0, "half-open": 1, "open": 2}


class PoolCollector(Collector):
    """The pool of connections."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Yield its gauges."""
        stats = self._database.pool_stats()
        connections = GaugeMetricFamily(
            "db_pool_connections",
            "Connections to PostgreSQL; one that is being opened counts as used.",
            labels=("state",),
        )
        size, available = stats.get("pool_size", 0), stats.get("pool_available", 0)
        connections.add_metric(("idle",), available)
        connections.add_metric(("used",), size - available)
        yield connections
        yield GaugeMetricFamily("db_pool_max_connections", "Most connections allowed.", stats.get("pool_max", 0))
        yield GaugeMetricFamily(
            "db_pool_requests_waiting", "Requests that wait for a connection.", stats.get("requests_waiting", 0)
        )


class BreakerCollector(Collector):
    """The circuit breakers, also those that are made later."""

    def __init__(self, breakers: Breakers) -> None:
        self._breakers = breakers

    def collect(self) -> Iterator[Metric]:
        """Yield their states, and how often each opened."""
        state = GaugeMetricFamily("breaker_state", "0 closed, 1 half-open, 2 open.", labels=("name",))
        opened = CounterMetricFamily("breaker_opened", "Times the breaker opened.", labels=("name",))
        for breaker in self._breakers.all():
            state.add_metric((breaker.name,), _STATES[breaker.state])
            opened.add_metric((breaker.name,), breaker.describe()["opened_count"])
        yield state
        yield opened
