"""Prometheus metrics of one application; each has its own registry, so that several can live in one process."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from app import __version__
from app.telemetry.children import Children

# 0.2 s and 0.5 s are the service levels' thresholds: they must be bucket edges to be counted exactly.
LATENCY_BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)
REFUSALS = ("shed", "rate_limited", "deadline", "body", "breaker")
DEPENDENCIES = ("database", "upstream")
_REFUSED_BY_STATUS = {413: "body", 429: "rate_limited"}


class Metrics:
    """The golden signals of HTTP: traffic, errors, latency, saturation; plus refusals, the process and `collectors`."""

    def __init__(self, environment: str, collectors: Iterable[Collector] = ()) -> None:
        self.in_flight = 0
        """Requests being served now."""
        self.registry = CollectorRegistry()
        requests = Counter("http_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry)
        seconds = Histogram(
            "http_request_duration_seconds",
            "Time from the request's headers to the end of the response.",
            ("method", "route"),
            buckets=LATENCY_BUCKETS_SECONDS,
            registry=self.registry,
        )
        refused = Counter(
            "requests_refused", "Requests refused by a limit or a timeout.", ("reason",), registry=self.registry
        )
        degraded = Counter(
            "degraded_answers",
            "Stale responses because a dependency was unavailable.",
            ("dependency",),
            registry=self.registry,
        )
        self._requests = Children(requests.labels, 3)
        self._seconds = Children(seconds.labels, 2)
        # Series start at 0, because an alert on a rate does not see the first event of a new series.
        self._refused = {reason: refused.labels(reason) for reason in (*REFUSALS, "other")}
        self._degraded = {name: degraded.labels(name) for name in (*DEPENDENCIES, "other")}
        Gauge("http_requests_in_flight", "Requests being served now.", registry=self.registry).set_function(
            lambda: self.in_flight
        )
        Info("app", "Version and environment.", registry=self.registry).info(
            {"version": __version__, "environment": environment}
        )
        for collector in collectors:
            self.registry.register(collector)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def answered(self, method: str, route: str, status: int, seconds: float, trace_id: str | None = None) -> None:
        """Count a request; `trace_id`, only of a sampled trace, becomes the exemplar of its bucket."""
        self._requests.get(method, route, status).inc()
        self._seconds.get(method, route).observe(seconds, {"trace_id": trace_id} if trace_id else None)

    def refused(self, status: int, reason: str | None) -> None:
        """Count a refusal by its reason, or by its status."""
        reason = reason or _REFUSED_BY_STATUS.get(status)
        if reason is not None:
            self._refused.get(reason, self._refused["other"]).inc()

    def degraded(self, dependency: str) -> None:
        """Count a stale response by the unavailable dependency."""
        self._degraded.get(dependency, self._degraded["other"]).inc()
