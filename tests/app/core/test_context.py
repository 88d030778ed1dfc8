"""Objects that the routes of one process share, from its start to its end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import psycopg
import pytest
from pydantic import AnyHttpUrl

from app.settings import Settings
from tests.app.features import needs
from tests.support.client import client_of
from tests.support.postgres import PostgresServer
from tests.support.service import until

TRACE = "0af7651916cd43dd8448eb211c80319c"


class Remote:
    """An upstream on loopback: answers until the caller disconnects; while `unavailable` it closes connections."""

    def __init__(self) -> None:
        self.url = AnyHttpUrl("http://unknown")
        self.unavailable = False
        self.requests: list[str] = []
        self.hung_up = asyncio.Event()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while not self.unavailable:
                request = await reader.readuntil(b"\r\n\r\n")
                if not self.unavailable:
                    self.requests.append(request.decode().lower())
                    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"rate":1.07}')
        self.hung_up.set()
        writer.close()


@asynccontextmanager
async def answering() -> AsyncIterator[Remote]:
    remote = Remote()
    server = await asyncio.start_server(remote.accept, "127.0.0.1", 0)
    remote.url = AnyHttpUrl(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/rates")
    async with server:
        yield remote


async def breakers(client: httpx.AsyncClient) -> dict[str, str]:
    """Return the breakers of the process and their states."""
    found = (await client.get("/sre/circuit-breakers")).json()["circuit_breakers"]
    return {breaker["name"]: breaker["state"] for breaker in found}


@needs("sre")
async def test_the_upstream_is_called_and_its_connections_are_closed_at_the_end(settings: Settings) -> None:
    """The call has the ids of the request; the breaker of the upstream is listed with that of the database."""
    async with answering() as remote, asyncio.timeout(30):
        async with client_of(settings.model_copy(update={"upstream_url": remote.url})) as client:
            headers = {"X-Request-ID": "call-7", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
            response = await client.get("/api/v1/upstream", headers=headers)
            assert await breakers(client) == {"database": "closed", "upstream": "closed"}
            assert not remote.hung_up.is_set()
        await remote.hung_up.wait()

    assert (response.status_code, response.json()["data"]) == (200, {"rate": 1.07})
    [request] = remote.requests
    assert request.startswith("get /rates http/1.1\r\n")
    assert "x-request-id: call-7\r\n" in request
    assert f"traceparent: 00-{TRACE}-" in request


@needs("sre")
async def test_an_unavailable_upstream_opens_only_its_own_breaker(settings: Settings) -> None:
    """Its last answer is returned and counted as degraded; the database is used as before."""
    changes = {"breaker_failure_threshold": 1, "breaker_recovery_seconds": 600.0}
    async with (
        answering() as remote,
        client_of(settings.model_copy(update={"upstream_url": remote.url, **changes})) as client,
    ):
        fresh = await client.get("/api/v1/upstream")
        remote.unavailable = True
        stale = await client.get("/api/v1/upstream")
        states = await breakers(client)
        metrics = (await client.get("/metrics")).text
        items = await client.get("/api/v1/items")

    assert (stale.status_code, stale.json()) == (200, {**fresh.json(), "degraded": True})
    assert stale.headers["X-Degraded"] == "upstream"
    assert states == {"database": "closed", "upstream": "open"}
    assert 'degraded_answers_total{dependency="upstream"} 1.0' in metrics
    assert items.status_code == 200


@needs("sre")
async def test_without_an_upstream_it_has_no_breaker(client: httpx.AsyncClient) -> None:
    """The upstream is optional."""
    assert await breakers(client) == {"database": "closed"}


async def test_old_idempotency_keys_are_purged_repeatedly(
    settings: Settings, postgres: PostgresServer, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys older than a day are deleted, younger ones stay."""
    monkeypatch.setattr("app.resources.idempotency.PURGE_SECONDS", 0.02)

    def insert(key: str, hours: int) -> None:
        postgres.execute(
            "INSERT INTO idempotency_keys (scope, key, fingerprint, created_at) "
            f"VALUES ('tests', '{key}', '', now() - interval '{hours} hours')",
            "app",
        )

    def keys() -> list[tuple[str]]:
        with psycopg.connect(database_url) as connection:
            return connection.execute("SELECT key FROM idempotency_keys ORDER BY key").fetchall()

    insert("young", 23)
    async with client_of(settings):
        for key in ("old", "older"):
            insert(key, 25)
            await asyncio.to_thread(until, lambda: keys() == [("young",)])

    assert keys() == [("young",)]
