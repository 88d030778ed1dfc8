"""The metrics of a worker."""

from prometheus_client import CollectorRegistry, generate_latest

from app.jobs.metrics import JobMetrics


def test_metrics_have_the_names_in_alerts_and_dashboards() -> None:
    """If one were renamed, an alert would never fire."""
    registry = CollectorRegistry()
    metrics = JobMetrics(registry)
    metrics.finished.labels("import", "succeeded").inc()
    metrics.seconds.labels("import").observe(0.2)
    metrics.received.inc()
    metrics.sent.inc(2)
    metrics.outbox_oldest.set(1.5)
    metrics.messages.labels("jobs", "visible").set(3)

    assert {
        'jobs_finished_total{kind="import",outcome="succeeded"} 1.0',
        'job_duration_seconds_count{kind="import"} 1.0',
        "jobs_received_total 1.0",
        "jobs_sent_total 2.0",
        "outbox_oldest_seconds 1.5",
        'queue_messages{queue="jobs",state="visible"} 3.0',
    } <= set(generate_latest(registry).decode().splitlines())
