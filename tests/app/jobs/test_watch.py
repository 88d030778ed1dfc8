"""What is known of the queue without asking it again."""

from uuid import uuid4

import pytest

from app.database import Database
from app.jobs.outbox import Relay
from app.jobs.queue import Counts, Queue, QueueAwayError
from app.jobs.store import JobStore
from app.jobs.watch import QueueWatch
from app.telemetry.job_metrics import JobMetrics
from tests.app.jobs.sql import fetch, submit
from tests.support.queue import TestQueue


@pytest.fixture
def watch(queue: Queue, database: Database, metrics: JobMetrics) -> QueueWatch:
    return QueueWatch(queue, Relay(database, queue), metrics)


async def test_the_queue_is_looked_at(
    watch: QueueWatch, sqs: TestQueue, store: JobStore, database: Database, metrics: JobMetrics
) -> None:
    """Its numbers are in the report and in the metrics, with the age of the outbox."""
    assert watch.report() == {"visible": None, "in_flight": None, "dead": None, "reachable": False}
    sqs.send_job(uuid4())
    await submit(store)
    await fetch(database, "UPDATE outbox SET created_at = now() - interval '90 s'")
    await watch.look()

    assert watch.report() == {"visible": 1, "in_flight": 0, "dead": 0, "reachable": True}
    assert watch.check().ok
    assert metrics.messages.labels("jobs", "visible")._value.get() == 1
    assert metrics.messages.labels("dead_letters", "visible")._value.get() == 0
    assert metrics.outbox_oldest._value.get() >= 90


async def test_a_queue_that_is_away_is_not_reachable(
    watch: QueueWatch, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last numbers stay, marked; and it is asked again sooner."""
    await watch.look()

    async def away() -> Counts:
        raise QueueAwayError("away")

    monkeypatch.setattr(queue, "counts", away)
    assert await watch.look() < 5

    assert (watch.check().ok, watch.check().detail) == (False, "unreachable")
    assert watch.report() == {"visible": 0, "in_flight": 0, "dead": 0, "reachable": False}


async def test_dead_letters_may_be_unknown(
    watch: QueueWatch, queue: Queue, metrics: JobMetrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then they have no metric, rather than a wrong one."""

    async def counts() -> Counts:
        return Counts(visible=1, in_flight=2, dead=None)

    monkeypatch.setattr(queue, "counts", counts)
    await watch.look()

    labels = [sample.labels["queue"] for family in metrics.messages.collect() for sample in family.samples]
    assert labels == ["jobs", "jobs"]
