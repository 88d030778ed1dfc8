"""Prometheus metrics of a worker."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

DURATION_BUCKETS_SECONDS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0)


class JobMetrics:
    """Outcomes of jobs, and the backlog."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.finished = Counter(
            "jobs_finished",
            "Finished attempts by outcome: succeeded, retrying or dead.",
            ("kind", "outcome"),
            registry=registry,
        )
        self.seconds = Histogram(
            "job_duration_seconds",
            "Time of one attempt.",
            ("kind",),
            buckets=DURATION_BUCKETS_SECONDS,
            registry=registry,
        )
        self.received = Counter("jobs_received", "Messages received from the queue.", registry=registry)
        self.sent = Counter("jobs_sent", "Messages sent to the queue.", registry=registry)
        self.outbox_oldest = Gauge(
            "outbox_oldest_seconds", "Age of the oldest job that is not yet in the queue.", registry=registry
        )
        self.messages = Gauge(
            "queue_messages",
            "Messages: queue jobs with state visible or in_flight, queue dead_letters with state visible.",
            ("queue", "state"),
            registry=registry,
        )
