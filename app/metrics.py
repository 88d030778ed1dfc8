"""Prometheus metrics of one application; each has its own registry, so that several can live in one process."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from app import __version__
from app.database import Database

# 0.2 s and 0.5 s are the service levels' thresholds: they must be bucket edges to be counted exactly.
LATENCY_BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The golden signals of HTTP: traffic, errors, latency, saturation; plus the pool and the process."""

    def __init__(self, database: Database, environment: str) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "http_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "http_request_duration_seconds",
            "Time from the request's headers to the end of the answer.",
            ("method", "route"),
            buckets=LATENCY_BUCKETS_SECONDS,
            registry=self.registry,
        )
        self.in_flight = Gauge("http_requests_in_flight", "Requests being served now.", registry=self.registry)
        Info("app", "What is running.", registry=self.registry).info(
            {"version": __version__, "environment": environment}
        )
        self.registry.register(_PoolCollector(database))
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)


class _PoolCollector(Collector):
    """Reads the pool when scraped, so requests pay nothing for it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        stats = self._database.pool_stats()
        connections = GaugeMetricFamily("db_pool_connections", "Connections to PostgreSQL.", labels=("state",))
        size, available = stats.get("pool_size", 0), stats.get("pool_available", 0)
        connections.add_metric(("idle",), available)
        connections.add_metric(("used",), size - available)
        yield connections
        yield GaugeMetricFamily("db_pool_max_connections", "Most connections allowed.", stats.get("pool_max", 0))
        yield GaugeMetricFamily(
            "db_pool_requests_waiting", "Requests that wait for a connection.", stats.get("requests_waiting", 0)
        )
