"""The last known numbers of the queue."""

from uuid import uuid4

import pytest

from app.core.postgres.database import Database
from app.jobs.metrics import JobMetrics
from app.jobs.monitor import QueueMonitor
from app.jobs.outages import QueueUnavailableError
from app.jobs.outbox import Relay
from app.jobs.queue import Counts, Queue
from app.jobs.store import JobStore
from tests.app.jobs.sql import fetch, submit
from tests.support.queue import TestQueue


@pytest.fixture
def monitor(queue: Queue, database: Database, metrics: JobMetrics) -> QueueMonitor:
    return QueueMonitor(queue, Relay(database, queue), metrics)


async def test_an_update_reads_the_numbers_of_the_queue(
    monitor: QueueMonitor, sqs: TestQueue, store: JobStore, database: Database, metrics: JobMetrics
) -> None:
    """They are in the report and in the metrics, with the age of the outbox."""
    assert monitor.report() == {"visible": None, "in_flight": None, "dead": None, "reachable": False}
    sqs.send_job(uuid4())
    await submit(store)
    await fetch(database, "UPDATE outbox SET created_at = now() - interval '90 s'")
    await monitor.update()

    assert monitor.report() == {"visible": 1, "in_flight": 0, "dead": 0, "reachable": True}
    assert monitor.check().ok
    assert metrics.messages.labels("jobs", "visible")._value.get() == 1
    assert metrics.messages.labels("dead_letters", "visible")._value.get() == 0
    assert metrics.outbox_oldest._value.get() >= 90


async def test_an_unavailable_queue_is_not_reachable(
    monitor: QueueMonitor, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last numbers stay in the report; the next update is after less than 5 s."""
    await monitor.update()

    async def unavailable() -> Counts:
        raise QueueUnavailableError("unavailable")

    monkeypatch.setattr(queue, "counts", unavailable)
    assert await monitor.update() < 5

    assert (monitor.check().ok, monitor.check().detail) == (False, "unreachable")
    assert monitor.report() == {"visible": 0, "in_flight": 0, "dead": 0, "reachable": False}


async def test_an_unknown_number_of_dead_letters_has_no_metric(
    monitor: QueueMonitor, queue: Queue, metrics: JobMetrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other numbers have theirs."""

    async def counts() -> Counts:
        return Counts(visible=1, in_flight=2, dead=None)

    monkeypatch.setattr(queue, "counts", counts)
    await monitor.update()

    labels = [sample.labels["queue"] for family in metrics.messages.collect() for sample in family.samples]
    assert labels == ["jobs", "jobs"]
