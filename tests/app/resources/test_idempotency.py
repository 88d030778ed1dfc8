"""The header Idempotency-Key, on a real database."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from psycopg import AsyncConnection
from psycopg.rows import DictRow

from app.core.http.problems import InvalidFieldError
from app.core.postgres.database import Database
from app.resources.idempotency import StoredResponse, idempotent, purge_idempotency_keys
from app.settings import Settings
from tests.support.database import opened
from tests.support.postgres import PostgresServer

ANCHOR = {"name": "anchor"}


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    async with opened(settings) as database:
        yield database


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


async def count(client: httpx.AsyncClient) -> int:
    return len((await client.get("/api/v1/items")).json()["items"])


async def test_a_repeated_request_gets_the_stored_answer(client: httpx.AsyncClient) -> None:
    """With the same bytes and headers, plus Idempotency-Replayed, even if the entry has changed since."""
    header = key()
    first = await client.post("/api/v1/items", json=ANCHOR, headers=header)
    await client.put(first.headers["Location"], json={"name": "bell"})

    second = await client.post("/api/v1/items", json=ANCHOR, headers=header)

    assert (second.status_code, second.content) == (201, first.content)
    for name in ("Location", "ETag", "Content-Type"):
        assert second.headers[name] == first.headers[name]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert await count(client) == 1


async def test_rejects_a_key_with_another_body(client: httpx.AsyncClient) -> None:
    """The request has no effect."""
    header = key()
    await client.post("/api/v1/items", json=ANCHOR, headers=header)

    response = await client.post("/api/v1/items", json={"name": "bell"}, headers=header)

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "header.idempotency-key"
    assert await count(client) == 1


async def test_a_key_can_be_used_for_each_resource(client: httpx.AsyncClient) -> None:
    """Clients may use the same key for a user and an item."""
    header = key()
    await client.post("/api/v1/items", json=ANCHOR, headers=header)

    response = await client.post("/api/users", json={"name": "Ada", "email": "ada@example.com"}, headers=header)

    assert response.status_code == 201


async def test_only_one_of_concurrent_requests_has_an_effect(client: httpx.AsyncClient) -> None:
    """The others wait for it and get its answer."""
    header = key()

    responses = await asyncio.gather(*(client.post("/api/v1/items", json=ANCHOR, headers=header) for _ in range(6)))

    assert {response.status_code for response in responses} == {201}
    assert len({response.content for response in responses}) == 1
    assert sum("Idempotency-Replayed" in response.headers for response in responses) == 5
    assert await count(client) == 1


@pytest.mark.parametrize("text", ["", "a b", "x" * 256, "\x7f"])
async def test_rejects_a_malformed_key(client: httpx.AsyncClient, text: str) -> None:
    """The message has the accepted format."""
    response = await client.post("/api/v1/items", json=ANCHOR, headers={"Idempotency-Key": text})

    assert response.status_code == 422
    assert "1 to 255 visible ASCII" in response.json()["errors"][0]["message"]
    assert await count(client) == 0


async def test_a_failed_request_leaves_neither_an_effect_nor_a_key(database: Database) -> None:
    """So it can be repeated with the same key."""
    name = uuid4().hex
    made: list[str] = []

    async def make(connection: AsyncConnection[DictRow]) -> StoredResponse:
        await connection.execute("INSERT INTO items (name) VALUES ('half done')")
        if not made:
            made.append("failed")
            raise RuntimeError
        row = await (await connection.execute("SELECT count(*) AS items FROM items")).fetchone()
        assert row is not None
        return StoredResponse(status=202, body=str(row["items"]).encode())

    with pytest.raises(RuntimeError):
        await idempotent(database, "tests", name, b"body", make)
    answer = await idempotent(database, "tests", name, b"body", make)

    assert (answer.status_code, answer.body) == (202, b"1")
    assert "Location" not in answer.headers


async def test_a_second_request_waits_and_runs_if_the_first_fails(database: Database) -> None:
    """It does not get the answer of the failed request."""
    name = uuid4().hex
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def fail(connection: AsyncConnection[DictRow]) -> StoredResponse:
        begun.set()
        await go_on.wait()
        raise RuntimeError

    async def succeed(connection: AsyncConnection[DictRow]) -> StoredResponse:
        return StoredResponse(status=201, body=b"{}")

    first = asyncio.create_task(idempotent(database, "tests", name, b"", fail))
    await begun.wait()
    second = asyncio.create_task(idempotent(database, "tests", name, b"", succeed))
    done, _ = await asyncio.wait([second], timeout=0.2)
    go_on.set()

    assert not done
    with pytest.raises(RuntimeError):
        await first
    assert (await second).status_code == 201


async def test_deletes_keys_older_than_a_day(
    database: Database, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In several batches; younger keys stay."""
    monkeypatch.setattr("app.resources.idempotency.PURGE_BATCH", 2)
    postgres.execute("TRUNCATE idempotency_keys", "app")
    postgres.execute(
        "INSERT INTO idempotency_keys (scope, key, fingerprint, status, body, created_at) "
        "SELECT 'tests', n::text, '', 201, '', now() - CASE WHEN n < 6 THEN interval '25 hours' "
        "ELSE interval '23 hours' END FROM generate_series(1, 7) n",
        "app",
    )

    async def make(connection: AsyncConnection[DictRow]) -> StoredResponse:
        return StoredResponse(status=201, body=b"new")

    assert await purge_idempotency_keys(database) == 5
    assert await purge_idempotency_keys(database) == 0
    assert (await idempotent(database, "tests", "1", b"", make)).body == b"new"
    with pytest.raises(InvalidFieldError):
        await idempotent(database, "tests", "7", b"", make)


async def test_a_key_that_is_purged_during_a_request_is_claimed_again(
    database: Database, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row existed when the key was claimed, and was deleted before it was read."""
    name = uuid4().hex

    async def make(connection: AsyncConnection[DictRow]) -> StoredResponse:
        return StoredResponse(status=201, body=b"made")

    await idempotent(database, "tests", name, b"old", make)
    recall = b"WITH purged AS (DELETE FROM idempotency_keys WHERE key = %(key)s) SELECT 1 WHERE %(scope)s = ''"
    monkeypatch.setattr("app.resources.idempotency._RECALL", recall)

    answer = await idempotent(database, "tests", name, b"new", make)

    assert answer.body == b"made"
    assert "Idempotency-Replayed" not in answer.headers
