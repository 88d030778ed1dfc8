"""A real PostgreSQL that is frozen: it accepts data and does not respond, as with a hung host or lost packets."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import httpx
import pytest

from app.core.health.readiness import BUSY_SECONDS
from app.core.postgres.connection import SilentServerError
from app.core.postgres.database import Database
from app.settings import Settings
from tests.support.client import client_of
from tests.support.database import opened
from tests.support.postgres import PostgresServer

REQUEST_SECONDS = 3.0  # so the server has 1.5 s for a statement, and the client waits for at most 2.5 s


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"request_timeout_seconds": REQUEST_SECONDS, "breaker_failure_threshold": 2})


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(settings) as client:
        for name in ("anchor", "buoy"):
            assert (await client.post("/api/v1/items", json={"name": name})).status_code == 201
        assert (await client.get("/api/v1/items/1")).status_code == 200
        yield client


async def test_every_request_is_answered_and_the_breaker_opens(
    client: httpx.AsyncClient, postgres: PostgresServer
) -> None:
    """Known entries are answered from memory, others with 503; then without a wait; then normally again."""
    with postgres.frozen():
        async with asyncio.timeout(REQUEST_SECONDS + 1):
            known, unknown = await asyncio.gather(client.get("/api/v1/items/1"), client.get("/api/v1/items/2"))
        assert (known.status_code, known.headers.get("x-degraded")) == (200, "database")
        assert unknown.status_code == 503
        assert unknown.headers["retry-after"]

        async with asyncio.timeout(1):
            shown = (await client.get("/sre/circuit-breakers")).json()
            known = await client.get("/api/v1/items/1")
        states = {breaker["name"]: breaker["state"] for breaker in shown["circuit_breakers"]}
        assert (states["database"], shown["degraded"]) == ("open", True)
        assert (known.status_code, known.headers.get("x-degraded")) == (200, "database")

    async with asyncio.timeout(20):
        while (await client.get("/health/ready")).status_code != 200:  # noqa: ASYNC110 (another process has no event)
            await asyncio.sleep(0.05)
    fresh = await client.get("/api/v1/items/2")
    assert (fresh.status_code, fresh.headers.get("x-degraded")) == (200, None)


@pytest.mark.parametrize(
    ("path", "seconds"),
    [
        ("/health/ready", 1),
        ("/health", 1),
        ("/sre/circuit-breakers", 1),
        ("/sre/health", 6),
        ("/sre/dashboard", 6),
        ("/sre/dashboard-ui", 6),
    ],
)
async def test_probes_and_reliability_pages_answer_during_the_outage(
    client: httpx.AsyncClient, postgres: PostgresServer, path: str, seconds: float
) -> None:
    """Probes answer within the kubelet's 1 s, with 50 % tolerance for a busy machine, and change to 503."""
    probe = path.startswith("/health")
    with postgres.frozen():
        began = monotonic()
        while True:
            async with asyncio.timeout(seconds * 1.5):
                answer = await client.get(path)
            if not probe or answer.status_code == 503 or monotonic() > began + 2 * BUSY_SECONDS:
                break

    assert answer.status_code == (503 if probe else 200)


async def test_a_cancelled_call_returns_soon_and_its_statement_ends(settings: Settings) -> None:
    """The server cancels the statement, so its lock is released."""
    async with opened(settings) as database:
        with pytest.raises(TimeoutError):
            await give_up_while_locking(database)
        async with asyncio.timeout(1), database.transaction() as connection:
            await connection.execute("LOCK TABLE items")


async def give_up_while_locking(database: Database) -> None:
    async with asyncio.timeout(0.2), database.transaction() as connection:
        await connection.execute("LOCK TABLE items")
        await connection.execute("SELECT pg_sleep(20)")


async def test_no_response_is_an_error_with_a_name_of_its_own(settings: Settings, postgres: PostgresServer) -> None:
    """It counts as one outage and is not retried, because there is no time left for that."""
    async with opened(settings.model_copy(update={"max_connections": 1})) as database:
        await database.read(b"SELECT 1")
        with postgres.frozen(), pytest.raises(SilentServerError, match=r"no response from the server in 2\.5 s"):
            await database.read(b"SELECT 1")
        assert database.breaker.describe()["failures"] == 1
