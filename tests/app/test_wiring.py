"""Limits and faults in the complete application, as created from its settings."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_network
from pathlib import Path

import httpx
import psycopg
import pytest
from pydantic import SecretStr

from app.settings import Settings
from tests.app.features import needs
from tests.support.asgi import is_retryable
from tests.support.client import client_of
from tests.support.postgres import PostgresServer
from tests.support.service import until

ITEMS = "/api/v1/items"
TOKEN = "a token for drills"
DRILL = {"X-Fault-Token": TOKEN}
SMALL_SHARE = {"rate_limit_burst": 1, "rate_limit_per_second": 0.01, "trusted_proxy_cidrs": (ip_network("127.0.0.1"),)}


@pytest.fixture
def locked(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection that locks the table of items until a rollback, so requests for items wait."""
    with psycopg.connect(database_url) as holder:
        holder.execute("LOCK TABLE items IN ACCESS EXCLUSIVE MODE")
        yield holder
        holder.rollback()


@pytest.fixture
async def drilled(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application with a token for faults."""
    async with client_of(settings.model_copy(update={"fault_token": SecretStr(TOKEN)})) as client:
        yield client


async def refused(client: httpx.AsyncClient, reason: str) -> bool:
    """Return whether the metrics count exactly one request that was refused for this reason."""
    metrics = await client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.9"})
    return f'requests_refused_total{{reason="{reason}"}} 1.0' in metrics.text


async def test_requests_over_the_limit_are_shed(
    settings: Settings, postgres: PostgresServer, locked: psycopg.Connection
) -> None:
    """MAX_IN_FLIGHT: one request is served, another refused immediately; probes are served."""
    async with client_of(settings.model_copy(update={"max_in_flight": 1})) as client:
        held = asyncio.create_task(client.get(ITEMS))
        await asyncio.to_thread(until, lambda: postgres.waiting_for_a_lock() == 1)
        shed, probe = await client.get("/api/v1/users"), await client.get("/health/live")
        locked.rollback()
        served = await held

        assert await refused(client, "shed")
    assert is_retryable(shed)
    assert "limit of 1 concurrent requests" in shed.json()["detail"]
    assert (probe.status_code, served.status_code) == (200, 200)


async def test_a_client_over_its_rate_limit_is_refused(settings: Settings) -> None:
    """RATE_LIMIT_BURST and RATE_LIMIT_PER_SECOND; probes do not count, and other clients have their own limit."""
    async with client_of(settings.model_copy(update=SMALL_SHARE)) as client:
        probes = [await client.get("/health/live") for _ in range(3)]
        served, too_many = await client.get(ITEMS), await client.get(ITEMS)

        assert await refused(client, "rate_limited")
    assert [answer.status_code for answer in (*probes, served)] == [200] * 4
    assert is_retryable(too_many, 429)
    assert 1 < int(too_many.headers["Retry-After"]) <= 100


async def test_a_request_over_its_deadline_gets_a_503(database_url: str, locked: psycopg.Connection) -> None:
    """REQUEST_TIMEOUT_SECONDS; the statement timeout of the database is disabled here."""
    patient = f"{database_url}?options=-c%20statement_timeout%3D0"
    async with client_of(Settings(database_url=patient, request_timeout_seconds=0.3)) as client:
        async with asyncio.timeout(30):
            late = await client.get(ITEMS)

        assert await refused(client, "deadline")
    assert is_retryable(late)
    assert "timed out after 0.3 s" in late.json()["detail"]


async def test_a_body_that_is_too_long_is_refused(settings: Settings) -> None:
    """MAX_BODY_BYTES, by the declared length and by counting chunks."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * 512

    async with client_of(settings.model_copy(update={"max_body_bytes": 1024})) as client:
        json = {"Content-Type": "application/json"}
        answers = [await client.post(ITEMS, content=body, headers=json) for body in (b" " * 1025, chunks())]

    for answer in answers:
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
        assert "at most 1024 bytes" in answer.json()["detail"]


@needs("faults")
async def test_a_fault_is_injected_until_it_is_cleared(drilled: httpx.AsyncClient) -> None:
    """Into requests of clients, but not into probes, metrics and requests for faults."""
    change = await drilled.put("/faults/status", json={"status": 503}, headers=DRILL)
    faulty = await drilled.get(ITEMS)
    spared = [await drilled.get(path, headers=DRILL) for path in ("/health/live", "/metrics", "/faults")]
    await drilled.delete("/faults", headers=DRILL)
    served = await drilled.get(ITEMS)

    assert (change.status_code, change.json()["status"]["status"]) == (200, 503)
    assert is_retryable(faulty)
    assert faulty.headers["X-Fault"] == "injected"
    assert [answer.status_code for answer in (*spared, served)] == [200] * 4


@needs("faults")
async def test_a_delay_counts_towards_the_deadline(settings: Settings) -> None:
    """As with a slow dependency, the client gets the 503 of the deadline."""
    changes = {"fault_token": SecretStr(TOKEN), "request_timeout_seconds": 0.5}
    async with client_of(settings.model_copy(update=changes)) as client:
        await client.put("/faults/delay", json={"milliseconds": 10_000}, headers=DRILL)
        late = await client.get(ITEMS)

    assert is_retryable(late)
    assert "timed out after 0.5 s" in late.json()["detail"]


@needs("faults")
@pytest.mark.parametrize(("headers", "status"), [({}, 401), ({"X-Fault-Token": "a token for nothing"}, 403)])
async def test_without_the_token_nothing_is_injected(
    drilled: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    """The change is refused, and requests are served."""
    change = await drilled.put("/faults/status", json={"status": 500}, headers=headers)
    served = await drilled.get(ITEMS)

    assert (change.status_code, served.status_code) == (status, 200)


@needs("faults")
async def test_a_token_rotation_under_load_fails_no_request(settings: Settings, tmp_path: Path) -> None:
    """The file is replaced during 50 requests/s; the new token is accepted and the old one refused."""
    file = tmp_path / "FAULT_TOKEN"
    file.write_text(TOKEN)
    drilled = settings.model_copy(
        update={"fault_token": SecretStr(TOKEN), "secrets_dir": tmp_path, "rate_limit_per_second": 0}
    )
    async with client_of(drilled) as client:

        async def ask(after: float) -> int:
            await asyncio.sleep(after)
            return (await client.get(ITEMS)).status_code

        load = [asyncio.create_task(ask(index / 50)) for index in range(50)]
        for index in range(5):
            new = f"{TOKEN} {index}"
            (tmp_path / ".draft").write_text(new)
            (tmp_path / ".draft").replace(file)
            taken = await client.get("/faults", headers={"X-Fault-Token": new})
            refused = await client.get("/faults", headers={"X-Fault-Token": f"{TOKEN} {index - 1}" if index else TOKEN})
            assert (taken.status_code, refused.status_code) == (200, 403)
            await asyncio.sleep(0.15)
        assert set(await asyncio.gather(*load)) == {200}


@needs("faults")
async def test_without_a_fault_token_in_the_settings_the_routes_do_not_exist(client: httpx.AsyncClient) -> None:
    """As in production, where FAULT_TOKEN is refused."""
    change = await client.put("/faults/status", json={"status": 500}, headers=DRILL)
    served = await client.get(ITEMS)

    assert (change.status_code, served.status_code) == (404, 200)


async def test_refusals_have_the_request_id_and_the_usual_headers(settings: Settings) -> None:
    """So the middleware that refuses is within the middleware that adds them."""
    async with client_of(settings.model_copy(update=SMALL_SHARE)) as client:
        answers = [await client.get(ITEMS, headers={"X-Request-ID": "call-7"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].json()["request_id"] == "call-7"
    for answer in answers:
        assert answer.headers["X-Request-ID"] == "call-7"
        assert (answer.headers["X-Content-Type-Options"], answer.headers["Cache-Control"]) == ("nosniff", "no-store")
