"""The engine in its application, in this process."""

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
    """Wait until the condition, which may be awaitable, holds."""
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
    """Let a worker run, and yield a client of its probes."""
    known = {**HANDLERS, **{name.replace("_", "-"): handler for name, handler in handlers.items()}}
    app, engine = create_worker(settings, lifecycle, known)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://worker") as client:
            yield client, engine


async def test_a_job_goes_all_the_way(settings: Settings, store: JobStore, database: Database, sqs: TestQueue) -> None:
    """From the outbox by the queue to its effect; and the probes tell that all is well."""
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


async def test_handlers_can_be_given(settings: Settings, store: JobStore, database: Database) -> None:
    """One that fails twice: the third attempt succeeds."""
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


async def test_an_unavailable_upstream_is_the_reason_of_a_dead_job(settings: Settings, store: JobStore) -> None:
    """It has its own breaker, and the dead job has the reason."""
    id = await submit(store, "notify-user", {"user_id": 1, "message": "hello"})
    changed = settings.model_copy(update={"upstream_url": f"http://127.0.0.1:{free_port()}"})
    async with working(changed) as (client, _engine):
        await until(lambda: is_in(store, id, "dead"))
        breakers = (await client.get("/sre/circuit-breakers")).json()["circuit_breakers"]

    assert [breaker["name"] for breaker in breakers] == ["database", "queue", "upstream"]
    row = await store.read(id)
    assert row is not None
    assert "no response: ConnectError" in row["error"]


async def test_it_is_not_ready_while_it_drains(settings: Settings) -> None:
    """Started it stays: that is asked once."""
    lifecycle = Lifecycle()
    async with working(settings, lifecycle) as (client, engine):
        await until(lambda: answers(client, "/health/startup", 200))
        lifecycle.start_draining()
        engine.stop_receiving()

        assert await answers(client, "/health/ready", 503)
        assert await answers(client, "/health/startup", 200)


async def test_the_relay_is_idle_where_there_is_nothing_to_send(settings: Settings, store: JobStore) -> None:
    """Its pauses grow to a limit, and are gone with the next job."""
    async with working(settings) as (_client, engine):
        await until(lambda: engine._idle == RELAY_IDLE_SECONDS)
        await submit(store)
        await until(lambda: engine._idle < RELAY_IDLE_SECONDS)


@pytest.mark.parametrize(("concurrency", "connections", "at_once"), [(4, 10, 4), (50, 10, 8), (4, 1, 1)])
async def test_concurrent_jobs_leave_connections_for_the_rest(
    settings: Settings, concurrency: int, connections: int, at_once: int
) -> None:
    """Else they would wait for each other."""
    changed = settings.model_copy(update={"worker_concurrency": concurrency, "max_connections": connections})
    async with working(changed) as (_client, engine):
        assert (engine.concurrency, engine.in_flight) == (at_once, 0)
