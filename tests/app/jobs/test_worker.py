"""The handling of one message, on a real database and a queue of moto."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from time import perf_counter
from typing import Any, Self
from uuid import UUID, uuid4

import psycopg
import pytest
import structlog
from psycopg import AsyncConnection
from structlog.testing import capture_logs

from app.core.postgres.database import Database
from app.jobs.handlers import HANDLERS, Context, Handler
from app.jobs.metrics import JobMetrics
from app.jobs.outages import QueueUnavailableError
from app.jobs.queue import Queue, Received
from app.jobs.store import Claim, JobStore
from app.jobs.worker import Worker
from app.settings import Settings
from app.telemetry.tracing import Attributes, Kind, Spanning, Tracing
from tests.app.jobs.sql import count, expire_claims, fetch, state, submit
from tests.support.postgres import PostgresServer
from tests.support.queue import TestQueue

Make = Callable[..., Worker]
RECEIVE_SECONDS = 30


@pytest.fixture
def worker_of(store: JobStore, queue: Queue, settings: Settings, metrics: JobMetrics) -> Make:
    def make(handler: Handler | None = None, **changes: Any) -> Worker:
        handlers = {"import-items": handler} if handler else HANDLERS
        changed = settings.model_copy(update=changes)
        return Worker(store, queue, changed, handlers=handlers, context=Context(), metrics=metrics)

    return make


async def received(queue: Queue, sqs: TestQueue, id: object) -> Received:
    """Send the job's message and receive it."""
    sqs.send_job(id)
    return await receive(queue)


async def receive(queue: Queue) -> Received:
    """Return the next message, or fail with the numbers of the queue after 30 s."""
    calls, start = 0, perf_counter()
    while perf_counter() - start < RECEIVE_SECONDS:
        calls += 1
        if messages := await queue.receive(1):
            return messages[0]
    seconds = perf_counter() - start
    raise AssertionError(f"no message in {calls} calls and {seconds:.1f} s: {await queue.counts()}")


def finished(metrics: JobMetrics, outcome: str, kind: str = "import-items") -> float:
    return float(metrics.finished.labels(kind, outcome)._value.get())


async def fail(_connection: AsyncConnection[Any], _job: Claim, _context: Context) -> Any:
    raise ValueError("not for john@example.com")


async def test_does_a_job(
    worker_of: Make, store: JobStore, database: Database, queue: Queue, sqs: TestQueue, metrics: JobMetrics
) -> None:
    """The effects and the result are stored, and the message is deleted."""
    id = await submit(store, payload={"items": [{"name": "a", "description": "x"}, {"name": "b", "description": ""}]})
    assert await worker_of().handle(await received(queue, sqs, id))

    row = await store.read(id)
    assert row is not None
    assert (row["state"], row["result"]) == ("succeeded", {"created": 2, "first_id": 1})
    names = [item["name"] for item in await fetch(database, "SELECT name FROM items ORDER BY id")]
    assert (names, sqs.count(), finished(metrics, "succeeded")) == (["a", "b"], 0, 1)


async def test_a_duplicate_message_has_no_effect(
    worker_of: Make, store: JobStore, database: Database, queue: Queue, sqs: TestQueue
) -> None:
    """It is deleted."""
    id = await submit(store)
    for _ in range(3):
        await worker_of().handle(await received(queue, sqs, id))

    assert (await count(database, "items"), sqs.count()) == (1, 0)


async def test_concurrent_duplicate_messages_have_one_effect(
    worker_of: Make, store: JobStore, database: Database, queue: Queue, sqs: TestQueue
) -> None:
    """Five workers get the same job at the same time."""
    id = await submit(store)
    messages = [await received(queue, sqs, id) for _ in range(5)]
    await asyncio.gather(*(worker_of().handle(message) for message in messages))

    assert (await state(store, id), await count(database, "items")) == ("succeeded", 1)


async def test_a_message_of_a_claimed_job_stays_in_the_queue(
    worker_of: Make, store: JobStore, database: Database, queue: Queue, sqs: TestQueue
) -> None:
    """In case the other worker fails."""
    id = await submit(store)
    await store.claim(id)
    await worker_of().handle(await received(queue, sqs, id))

    assert (await state(store, id), sqs.count(), await queue.receive(1)) == ("running", 1, [])


async def test_a_failed_attempt_is_retried(
    worker_of: Make, store: JobStore, database: Database, queue: Queue, sqs: TestQueue, metrics: JobMetrics
) -> None:
    """The message becomes visible again; the job has the error with email addresses redacted."""
    id = await submit(store)
    await worker_of(fail).handle(await received(queue, sqs, id))
    row = await store.read(id)
    assert row is not None
    assert (row["state"], row["error"]) == ("retrying", "ValueError: not for [email]")

    await worker_of().handle(await receive(queue))

    assert (await state(store, id), await count(database, "items")) == ("succeeded", 1)
    assert (finished(metrics, "retrying"), finished(metrics, "succeeded")) == (1, 1)


async def test_a_failed_attempt_delays_the_next(
    worker_of: Make, store: JobStore, queue: Queue, sqs: TestQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pause depends on JOB_BACKOFF_SECONDS and the number of the attempt."""
    pauses: list[tuple[float, int]] = []
    monkeypatch.setattr("app.jobs.worker.pause", lambda base, attempt: pauses.append((base, attempt)) or 0)
    id = await submit(store)
    sqs.send_job(id)
    for _ in range(2):
        await worker_of(fail, job_backoff_seconds=7).handle(await receive(queue))

    assert pauses == [(7, 1), (7, 2)]


async def test_the_last_failed_attempt_makes_a_dead_letter(
    worker_of: Make, store: JobStore, queue: Queue, sqs: TestQueue, metrics: JobMetrics
) -> None:
    """The job is dead in the database."""
    id = await submit(store)
    sqs.send_job(id)
    for _ in range(3):
        await worker_of(fail).handle(await receive(queue))

    assert (await state(store, id), sqs.count(), sqs.dead()) == ("dead", 0, 1)
    assert (finished(metrics, "retrying"), finished(metrics, "dead")) == (2, 1)


async def test_a_late_message_of_a_dead_job_becomes_a_dead_letter(
    worker_of: Make, store: JobStore, database: Database, queue: Queue, sqs: TestQueue
) -> None:
    """The job is not attempted."""
    id = await submit(store)
    await fetch(database, "UPDATE jobs SET state = 'dead', finished_at = now()")
    await worker_of().handle(await received(queue, sqs, id))

    assert (await count(database, "items"), sqs.count(), sqs.dead()) == (0, 0, 1)


async def test_a_job_that_killed_all_its_workers_becomes_dead(
    worker_of: Make, store: JobStore, database: Database, queue: Queue, sqs: TestQueue, metrics: JobMetrics
) -> None:
    """No attempt ended, and none is left."""
    id = await submit(store)
    for _ in range(3):
        await store.claim(id)
        await expire_claims(database)
    await worker_of().handle(await received(queue, sqs, id))

    assert (await state(store, id), sqs.dead(), finished(metrics, "dead")) == ("dead", 1, 1)


async def test_an_attempt_over_its_timeout_fails(
    worker_of: Make, store: JobStore, database: Database, queue: Queue, sqs: TestQueue
) -> None:
    """It has no effect."""

    async def slow(connection: AsyncConnection[Any], job: Claim, context: Context) -> Any:
        await HANDLERS["import-items"](connection, job, context)
        await connection.execute("SELECT pg_sleep(60)")

    id = await submit(store)
    await worker_of(slow, job_timeout_seconds=0.3).handle(await received(queue, sqs, id))

    row = await store.read(id)
    assert row is not None
    assert (row["state"], row["error"]) == ("retrying", "timed out after 0.3 s")
    assert await count(database, "items") == 0


async def test_a_worker_that_lost_its_claim_rolls_back(
    worker_of: Make, store: JobStore, database: Database, queue: Queue, sqs: TestQueue
) -> None:
    """The job stays with the worker that has the claim."""
    id = await submit(store)
    real = store.attempt

    def late(claim: Claim) -> Any:
        return real(claim._replace(attempts=claim.attempts - 1))  # as if another worker had claimed it since

    store.attempt = late  # type: ignore[method-assign]
    await worker_of().handle(await received(queue, sqs, id))

    assert (await state(store, id), await count(database, "items"), sqs.count()) == ("running", 0, 1)


async def test_a_lost_answer_to_a_commit_is_not_a_failure(
    worker_of: Make, store: JobStore, database: Database, queue: Queue, sqs: TestQueue
) -> None:
    """The job succeeded, and its message is deleted."""
    real = store.attempt

    class Lossy:
        def __init__(self, claim: Claim) -> None:
            self._attempt = real(claim)

        async def __aenter__(self) -> Any:
            return await self._attempt.__aenter__()

        async def __aexit__(self, *error: Any) -> None:
            await self._attempt.__aexit__(*error)
            raise psycopg.OperationalError("the connection is gone")

    store.attempt = Lossy  # type: ignore[method-assign, assignment]
    id = await submit(store)
    await worker_of().handle(await received(queue, sqs, id))

    assert (await state(store, id), await count(database, "items"), sqs.count()) == ("succeeded", 1, 0)


async def test_a_job_of_an_unknown_kind_is_retried(
    worker_of: Make, store: JobStore, queue: Queue, sqs: TestQueue, metrics: JobMetrics
) -> None:
    """During a rollout a newer worker may know the kind. The metric has the label `unknown`."""
    id = await submit(store, "mend-sails", {"sails": 2})
    await worker_of().handle(await received(queue, sqs, id))

    row = await store.read(id)
    assert row is not None
    assert row["state"] == "retrying"
    assert "does not know the job kind mend-sails" in row["error"]
    assert finished(metrics, "retrying", "unknown") == 1


async def test_a_message_without_a_job_is_removed(worker_of: Make, queue: Queue, sqs: TestQueue) -> None:
    """An unknown body becomes a dead letter; a message of a deleted job is deleted."""
    sqs.send("hello")
    await worker_of().handle(await receive(queue))
    await worker_of().handle(await received(queue, sqs, uuid4()))

    assert (sqs.count(), sqs.dead()) == (0, 1)


async def test_the_start_of_an_unknown_message_is_logged(worker_of: Make, queue: Queue, sqs: TestQueue) -> None:
    """It is redacted before it is cut, because half an email address would not be recognised."""
    body = f"{'x' * 88} john@example.com {'y' * 100}"
    sqs.send(body)
    with capture_logs() as logs:
        await worker_of().handle(await receive(queue))

    [line] = [line for line in logs if line["event"] == "unknown message"]
    assert line["body"] == f"{'x' * 88} [email] {'y' * 3}"


async def test_a_cancelled_job_is_given_back(
    worker_of: Make, store: JobStore, database: Database, queue: Queue, sqs: TestQueue
) -> None:
    """Its effects are rolled back, the attempt does not count, and the message is visible immediately."""
    began = asyncio.Event()

    async def stuck(connection: AsyncConnection[Any], job: Claim, context: Context) -> Any:
        await HANDLERS["import-items"](connection, job, context)
        began.set()
        await asyncio.Event().wait()

    id = await submit(store)
    task = asyncio.create_task(worker_of(stuck).handle(await received(queue, sqs, id)))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await state(store, id), await count(database, "items")) == ("retrying", 0)

    await worker_of().handle(await receive(queue))
    row = await store.read(id)
    assert row is not None
    assert (row["state"], row["attempts"]) == ("succeeded", 1)


async def test_a_cancelled_job_that_cannot_be_given_back_keeps_its_claim(
    worker_of: Make, store: JobStore, queue: Queue, sqs: TestQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unavailable database is logged and does not delay the end of the process."""
    began = asyncio.Event()

    async def stuck(connection: AsyncConnection[Any], job: Claim, context: Context) -> Any:
        began.set()
        await asyncio.Event().wait()

    async def unavailable(_claim: Claim) -> bool:
        raise psycopg.OperationalError("unavailable")

    monkeypatch.setattr(store, "give_back", unavailable)
    id = await submit(store)
    with capture_logs() as logs:
        task = asyncio.create_task(worker_of(stuck).handle(await received(queue, sqs, id)))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert [line["event"] for line in logs] == ["not handed back"]
    assert await state(store, id) == "running"


async def test_an_outage_of_the_database_loses_no_job(
    worker_of: Make, store: JobStore, database: Database, queue: Queue, sqs: TestQueue, postgres: PostgresServer
) -> None:
    """The message stays in the queue, and the job is done once after the outage."""
    id = await submit(store)
    message = await received(queue, sqs, id)

    async def die(connection: AsyncConnection[Any], job: Claim, context: Context) -> Any:
        await HANDLERS["import-items"](connection, job, context)
        await asyncio.to_thread(postgres.kill)
        await connection.execute("SELECT 1")

    try:
        handled = await worker_of(die).handle(message)
    finally:
        await asyncio.to_thread(postgres.start)
    assert not handled
    assert sqs.count() == 1

    await wait_for(lambda: expire_claims(database))
    await queue.make_visible(message, 0)
    assert await worker_of().handle(await receive(queue))
    assert (await state(store, id), await count(database, "items"), sqs.count()) == ("succeeded", 1, 0)


async def wait_for(call: Callable[[], Any]) -> None:
    """Repeat the call while the database is unavailable."""
    for _ in range(200):
        try:
            await call()
        except psycopg.OperationalError:
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError("the database did not come back")


async def test_the_message_of_a_job_that_cannot_be_claimed_becomes_visible_soon(
    worker_of: Make, store: JobStore, queue: Queue, sqs: TestQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the visibility timeout of the message."""

    async def unavailable(_id: UUID) -> None:
        raise psycopg.OperationalError("unavailable")

    message = await received(queue, sqs, await submit(store))
    with monkeypatch.context() as patch:
        patch.setattr(store, "claim", unavailable)
        assert not await worker_of().handle(message)

    assert (await receive(queue)).job_id == message.job_id


async def test_an_outage_of_the_queue_does_not_repeat_a_job(
    worker_of: Make, store: JobStore, database: Database, queue: Queue, sqs: TestQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message could not be deleted; at the next delivery the job is already done."""

    async def unavailable(_message: Received) -> None:
        raise QueueUnavailableError("unavailable")

    id = await submit(store)
    message = await received(queue, sqs, id)
    with monkeypatch.context() as patch:
        patch.setattr(queue, "delete", unavailable)
        assert not await worker_of().handle(message)
    await worker_of().handle(message)

    assert (await state(store, id), await count(database, "items"), sqs.count()) == ("succeeded", 1, 0)


async def test_the_message_of_a_job_given_back_meanwhile_becomes_visible_again(
    worker_of: Make, store: JobStore, queue: Queue, sqs: TestQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job was given back between the failed claim and the check of its status."""

    async def nothing(_id: UUID) -> None:
        return None

    id = await submit(store)
    with monkeypatch.context() as patch:
        patch.setattr(store, "claim", nothing)
        await worker_of().handle(await received(queue, sqs, id))

    await worker_of().handle(await receive(queue))
    assert await state(store, id) == "succeeded"


async def test_log_lines_of_a_job_have_the_id_of_its_request(
    worker_of: Make, store: JobStore, queue: Queue, sqs: TestQueue
) -> None:
    """And its own id and kind."""
    id = await submit(store)
    message = await received(queue, sqs, id)
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        await asyncio.create_task(worker_of().handle(message))

    [line] = [line for line in logs if line["event"] == "job finished"]
    assert (line["request_id"], line["job_id"], line["kind"]) == ("request-1", str(id), "import-items")


class Spans(Tracing):
    """Tracing that records continued traces, spans and their attributes."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    def continue_from(self, traceparent: str | None) -> AbstractContextManager[None]:
        self.seen.append(traceparent)
        return nullcontext()

    def span(self, name: str, kind: Kind = "client", attributes: Attributes | None = None) -> Spanning:
        self.seen.append((name, kind))
        return self

    def set(self, name: str, value: str | int) -> None:
        self.seen.append((name, value))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        pass


@pytest.mark.parametrize(("handler", "outcome"), [(HANDLERS["import-items"], "succeeded"), (fail, "retrying")])
async def test_a_job_continues_the_trace_of_its_request(
    store: JobStore,
    queue: Queue,
    sqs: TestQueue,
    settings: Settings,
    metrics: JobMetrics,
    handler: Handler,
    outcome: str,
) -> None:
    """Each attempt has a span with its outcome."""
    spans = Spans()
    handlers = {"import-items": handler}
    worker = Worker(store, queue, settings, handlers=handlers, context=Context(), metrics=metrics, tracing=spans)
    await worker.handle(await received(queue, sqs, await submit(store)))

    assert spans.seen == ["00-a-b-01", ("job import-items", "consumer"), ("job.outcome", outcome)]


async def test_a_handler_runs_in_the_trace_of_the_request(
    store: JobStore, queue: Queue, sqs: TestQueue, settings: Settings, metrics: JobMetrics
) -> None:
    """With the real tracing, which exports no spans here; the id is needed for the log."""
    tracing = Tracing(settings, "test")
    seen: list[str | None] = []

    async def look(_connection: AsyncConnection[Any], _job: Claim, _context: Context) -> Any:
        seen.append(tracing.current_trace_id())

    worker = Worker(store, queue, settings, handlers={"x": look}, context=Context(), metrics=metrics, tracing=tracing)
    row = await store.create("x", {}, traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    await worker.handle(await received(queue, sqs, row["id"]))

    assert seen == ["0af7651916cd43dd8448eb211c80319c"]
