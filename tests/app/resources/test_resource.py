"""Answers while the database is unavailable."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import psycopg
import pytest
from psycopg_pool import PoolTimeout

from app.core.postgres.connection import Connection
from app.core.postgres.database import Database
from app.core.resilience.breaker import BreakerOpenError

ERRORS = [PoolTimeout("unavailable"), psycopg.OperationalError("gone"), psycopg.InterfaceError("closed")]
OPEN = BreakerOpenError("database", 1.5)


def unavailable(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    @asynccontextmanager
    async def connection(_self: Database, *_: object) -> AsyncIterator[Connection]:
        raise error
        yield

    monkeypatch.setattr(Database, "connection", connection)


async def make(client: httpx.AsyncClient, name: str = "anchor") -> str:
    return (await client.post("/api/v1/items", json={"name": name})).headers["Location"]


@pytest.mark.parametrize("error", [*ERRORS, OPEN], ids=lambda error: type(error).__name__)
async def test_without_a_database_reads_return_their_last_answer(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """An entry, a page and the plain list, with the same body and headers, marked as stale."""
    await client.post("/api/users", json={"name": "Ada", "email": "ada@example.com"})
    await client.post("/api/users", json={"name": "Bob", "email": "bob@example.com"})
    paths = [await make(client), "/api/v1/items?sort=-name", "/api/users?limit=1"]
    fresh = [await client.get(path) for path in paths]
    unavailable(monkeypatch, error)

    stale = [await client.get(path) for path in paths]

    for before, after in zip(fresh, stale, strict=True):
        assert (after.status_code, after.content) == (200, before.content)
        assert after.headers["X-Degraded"] == "database"
        assert int(after.headers["Age"]) >= 0
        assert after.headers["Warning"] == '110 - "Response is Stale"'
        assert "X-Degraded" not in before.headers
    assert stale[0].headers["ETag"] == '"1"'
    assert stale[2].headers["Link"] == fresh[2].headers["Link"]


async def test_the_answer_to_a_very_long_query_is_not_kept(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise repeated parameters could fill the memory with keys."""
    path = "/api/v1/items?" + "&".join(["limit=1"] * 200)
    assert (await client.get(path)).status_code == 200
    unavailable(monkeypatch, OPEN)

    assert (await client.get(path)).status_code == 503


@pytest.mark.parametrize(("error", "seconds"), [(ERRORS[0], "1"), (OPEN, "2")])
async def test_without_a_kept_answer_the_status_is_503_with_retry_after(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, error: Exception, seconds: str
) -> None:
    """Also for all writes. The time is that of the breaker, in whole seconds."""
    path = await make(client)
    unavailable(monkeypatch, error)

    responses = [
        await client.get(path),
        await client.get("/api/v1/items?limit=7"),
        await client.get("/api/users"),
        await client.post("/api/v1/items", json={"name": "bell"}),
        await client.put(path, json={"name": "bell"}),
        await client.delete(path),
    ]

    assert {response.status_code for response in responses} == {503}
    assert {response.headers["Retry-After"] for response in responses} == {seconds}
    assert {response.headers["Content-Type"] for response in responses} == {"application/problem+json"}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_a_write_drops_the_kept_answer_of_its_entry(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """The answer is outdated; answers of other entries stay."""
    path, other = await make(client), await make(client)
    for each in (path, other):
        await client.get(each)
    await client.request(method, path, **({"json": {"name": "bell"}} if method == "PUT" else {}))
    unavailable(monkeypatch, ERRORS[1])

    assert (await client.get(path)).status_code == 503
    assert (await client.get(other)).status_code == 200


@pytest.mark.parametrize(("error", "status"), [(ERRORS[0], 200), (OPEN, 200), (ERRORS[1], 503), (ERRORS[2], 503)])
async def test_a_write_with_an_unknown_outcome_drops_the_kept_answer(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    """A write that was not sent does not; otherwise failed writes would drop all answers during an outage."""
    path = await make(client)
    await client.get(path)
    unavailable(monkeypatch, error)
    await client.put(path, json={"name": "bell"})

    assert (await client.get(path)).status_code == status


async def test_a_read_of_a_deleted_entry_drops_the_kept_answer(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    """Another process deleted the entry."""
    path = await make(client)
    await client.get(path)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("DELETE FROM items")
    assert (await client.get(path)).status_code == 404
    unavailable(monkeypatch, ERRORS[1])

    assert (await client.get(path)).status_code == 503
