"""The job engine within the application of the worker, in this process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from psycopg import AsyncConnection

from app.core.lifecycle import Lifecycle
from app.core.postgres.database import Database
from app.jobs.engine import RELAY_IDLE_SECONDS, JobEngine
from app.jobs.handlers import HANDLERS, Context, Handler
from app.jobs.store import Claim, JobStore
from app.settings import Settings
from app.worker import create_worker
from tests.app.jobs.sql import count, state, submit
from tests.support.ports import free_port
from tests.support.queue import TestQueue

SECONDS = 60


async def until(condition: Callable[[], Any]) -> None:
    """Wait until the condition, which may return an awaitable, is true."""
    async with asyncio.timeout(SECONDS):
        while True:
            holds = condition()
            if asyncio.iscoroutine(holds):
                holds = await holds
            if holds:
                return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def working(
    settings: Settings, lifecycle: Lifecycle | None = None, **handlers: Handler
) -> AsyncIterator[tuple[httpx.AsyncClient, JobEngine]]:
    """Run a worker, and yield a client of its probes and its engine."""
    known = {**HANDLERS, **{name.replace("_", "-"): handler for name, handler in handlers.items()}}
    app, engine = create_worker(settings, lifecycle, known)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://worker") as client:
            yield client, engine


async def test_a_job_is_sent_received_and_done(
    settings: Settings, store: JobStore, database: Database, sqs: TestQueue
) -> None:
    """From the outbox through the queue to its effect; the probes pass, and the metrics count it."""
    id = await submit(store)
    async with working(settings) as (client, _engine):
        await until(lambda: is_in(store, id, "succeeded"))
        await until(lambda: answers(client, "/health/ready", 200))
        health = (await client.get("/health")).json()
        metrics = (await client.get("/metrics")).text
        breakers = (await client.get("/sre/circuit-breakers")).json()["circuit_breakers"]

    assert health["checks"]["queue"] == {"ok": True, "detail": "reachable", "required": True}
    assert "jobs_sent_total 1.0" in metrics
    assert [breaker["name"] for breaker in breakers] == ["database", "queue"]
    assert (await count(database, "items"), sqs.count()) == (1, 0)


async def is_in(store: JobStore, id: Any, wanted: str) -> bool:
    return await state(store, id) == wanted


async def answers(client: httpx.AsyncClient, path: str, status: int) -> bool:
    return (await client.get(path)).status_code == status


async def test_runs_given_handlers_and_retries_failed_attempts(
    settings: Settings, store: JobStore, database: Database
) -> None:
    """The third attempt succeeds."""
    attempts: list[int] = []

    async def shaky(connection: AsyncConnection[Any], job: Claim, context: Context) -> Any:
        attempts.append(job.attempts)
        if len(attempts) < 3:
            raise ValueError("not yet")
        return await HANDLERS["import-items"](connection, job, context)

    id = await submit(store)
    async with working(settings, import_items=shaky):
        await until(lambda: is_in(store, id, "succeeded"))

    assert (attempts, await count(database, "items")) == ([1, 2, 3], 1)


async def test_an_unavailable_upstream_is_the_error_of_the_dead_job(settings: Settings, store: JobStore) -> None:
    """The upstream has a breaker of its own."""
    id = await submit(store, "notify-user", {"user_id": 1, "message": "hello"})
    changed = settings.model_copy(update={"upstream_url": f"http://127.0.0.1:{free_port()}"})
    async with working(changed) as (client, _engine):
        await until(lambda: is_in(store, id, "dead"))
        breakers = (await client.get("/sre/circuit-breakers")).json()["circuit_breakers"]

    assert [breaker["name"] for breaker in breakers] == ["database", "queue", "upstream"]
    row = await store.read(id)
    assert row is not None
    assert "no response: ConnectError" in row["error"]


async def test_a_draining_worker_is_not_ready_but_started(settings: Settings) -> None:
    """The startup probe still passes."""
    lifecycle = Lifecycle()
    async with working(settings, lifecycle) as (client, engine):
        await until(lambda: answers(client, "/health/startup", 200))
        lifecycle.start_draining()
        engine.stop_receiving()

        assert await answers(client, "/health/ready", 503)
        assert await answers(client, "/health/startup", 200)


async def test_the_pauses_of_an_idle_relay_grow_to_a_limit(settings: Settings, store: JobStore) -> None:
    """The next job makes them shorter."""
    async with working(settings) as (_client, engine):
        await until(lambda: engine._idle == RELAY_IDLE_SECONDS)
        await submit(store)
        await until(lambda: engine._idle < RELAY_IDLE_SECONDS)


@pytest.mark.parametrize(("concurrency", "connections", "at_once"), [(4, 10, 4), (50, 10, 8), (4, 1, 1)])
async def test_concurrency_leaves_connections_for_other_tasks(
    settings: Settings, concurrency: int, connections: int, at_once: int
) -> None:
    """Otherwise jobs and other tasks of the worker could wait for each other."""
    changed = settings.model_copy(update={"worker_concurrency": concurrency, "max_connections": connections})
    async with working(changed) as (_client, engine):
        assert (engine.concurrency, engine.in_flight) == (at_once, 0)
