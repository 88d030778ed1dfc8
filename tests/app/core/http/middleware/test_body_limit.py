"""The limit of the length of a request body."""

from collections.abc import AsyncIterator

import httpx

from app.settings.reliability import MAX_BODY_BYTES

JSON = {"content-type": "application/json"}


def is_refused(response: httpx.Response) -> bool:
    return (
        response.status_code == 413
        and response.headers["content-type"] == "application/problem+json"
        and response.headers["connection"] == "close"
        and f"at most {MAX_BODY_BYTES} bytes" in response.json()["detail"]
    )


async def test_rejects_a_body_whose_declared_length_is_over_the_limit(client: httpx.AsyncClient) -> None:
    """On every path."""
    content = b"x" * (MAX_BODY_BYTES + 1)

    assert is_refused(await client.post("/api/v1/items", content=content, headers=JSON))
    assert is_refused(await client.post("/nowhere", content=content))


async def test_rejects_a_chunked_body_over_the_limit(client: httpx.AsyncClient) -> None:
    """The bytes are counted as they arrive."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 65_536 + 1):
            yield b" " * 65_536

    assert is_refused(await client.post("/api/v1/items", content=chunks(), headers=JSON))


async def test_a_body_of_exactly_the_limit_is_read(client: httpx.AsyncClient) -> None:
    """The 422 is about the name of the item, which is too long."""
    start, end = b'{"name": "', b'"}'
    content = start + b"x" * (MAX_BODY_BYTES - len(start) - len(end)) + end

    assert (await client.post("/api/v1/items", content=content, headers=JSON)).status_code == 422
