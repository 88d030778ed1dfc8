"""The headers of every answer."""

from ipaddress import ip_network

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.api import create_app
from app.core.http.middleware.request_id import RequestId
from app.core.http.middleware.response_headers import SECURITY_HEADERS, ResponseHeaders
from app.core.lifecycle import Lifecycle
from app.settings import Settings
from tests.support.asgi import get
from tests.support.raw_http import ask, echo, listening


@pytest.mark.parametrize("path", ["/health/live", "/metrics", "/api/v1/items", "/nowhere", "/api/v1/items/x"])
async def test_security_headers_are_on_every_answer(client: httpx.AsyncClient, path: str) -> None:
    """Also on errors. Inline scripts are forbidden, and answers must not be cached."""
    headers = (await client.get(path)).headers

    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert headers["Cache-Control"] == "no-store"


async def test_connections_are_closed_only_while_draining(client: httpx.AsyncClient, lifecycle: Lifecycle) -> None:
    """So clients with persistent connections move to another pod before this one stops."""
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
async def test_only_static_files_may_be_cached(path: str, status: int, own: str | None, sent: list[str]) -> None:
    """For an hour unless they have a header of their own; a 404 is not cached."""
    app = Response(status_code=status, headers={"Cache-Control": own} if own else None)
    transport = httpx.ASGITransport(ResponseHeaders(app, Lifecycle()))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        headers = (await client.get(path)).headers

    assert headers.get_list("cache-control") == sent
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-XSS-Protection"] == "1; mode=block"


@pytest.mark.parametrize("path", ["/health/live", "/metrics", "/api/v1/items", "/nowhere"])
async def test_strict_transport_security_is_only_in_responses_over_https(settings: Settings, path: str) -> None:
    """RFC 6797, 7.2. X-Forwarded-Proto counts only from a peer in TRUSTED_PROXY_CIDRS, the load balancer."""
    app = create_app(settings.model_copy(update={"trusted_proxy_cidrs": (ip_network("10.20.0.0/20"),)}))

    async def sent(peer: str, proto: str | None) -> list[str]:
        headers = [("X-Forwarded-Proto", proto)] if proto else []
        return (await get(app, path, headers, (peer, 1))).headers.get_list("strict-transport-security")

    async with app.router.lifespan_context(app):
        assert await sent("10.20.3.4", "https") == ["max-age=31536000; includeSubDomains"]
        assert await sent("10.20.3.4", "http") == []
        assert await sent("10.20.3.4", None) == []
        assert await sent("198.51.100.1", "https") == []


@pytest.mark.parametrize(("trusted", "sent"), [("127.0.0.0/8", True), ("10.20.0.0/20", False)])
def test_strict_transport_security_is_in_refusals_over_https_too(trusted: str, sent: bool) -> None:
    """The server refuses malformed requests itself, before the application sees them."""
    request = b"GET /a#b HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\n\r\n"
    with listening(echo, trusted_proxy_cidrs=(ip_network(trusted),)) as port:
        answer = ask(port, request)

    assert answer.status == 400
    assert ("strict-transport-security" in answer.headers) is sent


async def test_the_lifespan_is_passed_on_unchanged() -> None:
    """It is no request, so it gets no headers and no id."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> None:
        pass

    for middleware in (ResponseHeaders(app, Lifecycle()), RequestId(app)):
        await middleware({"type": "lifespan"}, nothing, nothing)  # type: ignore[arg-type]

    assert seen == ["lifespan", "lifespan"]
