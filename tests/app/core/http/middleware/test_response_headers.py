"""What every answer carries."""

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.core.http.middleware.request_id import RequestId
from app.core.http.middleware.response_headers import SECURITY_HEADERS, ResponseHeaders
from app.core.lifecycle import Lifecycle


@pytest.mark.parametrize("path", ["/health/live", "/metrics", "/api/v1/items", "/nowhere", "/api/v1/items/x"])
async def test_security_headers_are_on_every_answer(client: httpx.AsyncClient, path: str) -> None:
    """On errors as well; nothing allows inline scripts, and nothing may be cached."""
    headers = (await client.get(path)).headers

    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert headers["Cache-Control"] == "no-store"


async def test_connections_are_closed_only_while_draining(client: httpx.AsyncClient, lifecycle: Lifecycle) -> None:
    """Clients that keep connections open move to another pod before this one stops."""
    before = await client.get("/health/live")
    lifecycle.start_draining()
    after = await client.get("/health/live")

    assert "connection" not in before.headers
    assert after.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("path", "status", "own", "sent"),
    [
        ("/static/a.css", 200, None, ["public, max-age=3600"]),
        ("/static/a.css", 304, None, ["public, max-age=3600"]),
        ("/static/a.css", 200, "no-cache", ["no-cache"]),
        ("/static/a.css", 404, None, ["no-store"]),
        ("/staticfile", 200, None, ["no-store"]),
    ],
)
async def test_only_files_may_be_cached(path: str, status: int, own: str | None, sent: list[str]) -> None:
    """As their own header says, else for an hour; a 404 is never cached."""
    app = Response(status_code=status, headers={"Cache-Control": own} if own else None)
    transport = httpx.ASGITransport(ResponseHeaders(app, Lifecycle()))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        headers = (await client.get(path)).headers

    assert headers.get_list("cache-control") == sent
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-XSS-Protection"] == "1; mode=block"


async def test_what_is_no_request_passes_untouched() -> None:
    """Such as the start and the end of the application."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> None:
        pass

    for middleware in (ResponseHeaders(app, Lifecycle()), RequestId(app)):
        await middleware({"type": "lifespan"}, nothing, nothing)  # type: ignore[arg-type]

    assert seen == ["lifespan", "lifespan"]
