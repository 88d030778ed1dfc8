"""The relay from the outbox to the queue."""

import asyncio

import pytest

from app.core.postgres.database import Database
from app.jobs.outages import QueueUnavailableError
from app.jobs.outbox import Relay
from app.jobs.queue import Outgoing, Queue
from app.jobs.store import JobStore
from tests.app.jobs.sql import count, fetch, submit
from tests.support.queue import TestQueue


async def test_sends_rows_in_batches_of_ten(store: JobStore, database: Database, queue: Queue, sqs: TestQueue) -> None:
    """Until the outbox is empty."""
    for _ in range(12):
        await submit(store)
    relay = Relay(database, queue)

    assert [await relay.send() for _ in range(3)] == [10, 2, 0]
    assert (await count(database, "outbox"), sqs.count()) == (0, 12)


async def test_concurrent_relays_send_each_row_once(
    store: JobStore, database: Database, queue: Queue, sqs: TestQueue
) -> None:
    """They skip rows that another relay has locked."""
    for _ in range(30):
        await submit(store)

    sent = await asyncio.gather(*(Relay(database, queue).send() for _ in range(3)))

    assert sum(sent) == 30 - await count(database, "outbox") == sqs.count()


async def test_rows_are_kept_while_the_queue_is_unavailable(
    store: JobStore, database: Database, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are sent after the outage."""
    await submit(store)
    relay = Relay(database, queue)

    async def unavailable(_messages: list[Outgoing]) -> set[str]:
        raise QueueUnavailableError("unavailable")

    with monkeypatch.context() as patch:
        patch.setattr(queue, "send", unavailable)
        with pytest.raises(QueueUnavailableError):
            await relay.send()
    assert await count(database, "outbox") == 1

    assert await relay.send() == 1


async def test_rows_that_the_queue_refuses_are_kept(
    store: JobStore, database: Database, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch may succeed partly."""
    await submit(store)
    second = await submit(store)

    async def first_only(messages: list[Outgoing]) -> set[str]:
        return {messages[0].id}

    monkeypatch.setattr(queue, "send", first_only)
    assert await Relay(database, queue).send() == 1
    assert [row["job_id"] for row in await fetch(database, "SELECT job_id FROM outbox")] == [second]


async def test_reports_the_age_of_the_oldest_row(store: JobStore, database: Database, queue: Queue) -> None:
    """In seconds; 0 for an empty outbox."""
    relay = Relay(database, queue)
    assert await relay.oldest_seconds() == 0
    await submit(store)
    await fetch(database, "UPDATE outbox SET created_at = now() - interval '90 s'")

    assert 90 <= await relay.oldest_seconds() < 150
