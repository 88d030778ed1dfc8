"""Metrics of the connection pool, read at each scrape so that requests pay nothing for them."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.core.postgres.database import Database


class PoolCollector(Collector):
    """The pool of connections."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Yield its gauges."""
        stats = self._database.pool_stats()
        connections = GaugeMetricFamily(
            "db_pool_connections",
            "Connections to PostgreSQL; a connection that is being opened counts as used.",
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
