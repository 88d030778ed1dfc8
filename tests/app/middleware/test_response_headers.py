"""What every answer carries."""

import httpx
import pytest

from app.lifecycle import Lifecycle
from app.middleware.response_headers import SECURITY_HEADERS


@pytest.mark.parametrize("path", ["/health/live", "/metrics", "/api/v1/items", "/nowhere", "/api/v1/items/x"])
async def test_security_headers_are_on_every_answer(client: httpx.AsyncClient, path: str) -> None:
    """On errors as well; nothing allows inline scripts, and nothing may be cached."""
    headers = (await client.get(path)).headers

    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


async def test_connections_are_closed_only_while_draining(client: httpx.AsyncClient, lifecycle: Lifecycle) -> None:
    """Clients that keep connections open move to another pod before this one stops."""
    before = await client.get("/health/live")
    lifecycle.start_draining()
    after = await client.get("/health/live")

    assert "connection" not in before.headers
    assert after.headers["connection"] == "close"
