"""Minimal ASGI applications, and requests to applications without a server."""

from collections.abc import Sequence

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send


async def answer_200(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer every request with an empty 200."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def get(
    app: ASGIApp, path: str = "/", headers: Sequence[tuple[str, str]] = (), client: tuple[str, int] = ("192.0.2.1", 1)
) -> httpx.Response:
    """GET a path of an application from a client address."""
    transport = httpx.ASGITransport(app, client=client)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as caller:
        return await caller.get(path, headers=list(headers))


def is_retryable(response: httpx.Response, status: int = 503) -> bool:
    """Return whether the response is a problem with Retry-After."""
    return (
        response.status_code == status
        and response.headers["content-type"] == "application/problem+json"
        and int(response.headers["Retry-After"]) >= 1
    )


class Lifespan:
    """An application that records the types of its scopes."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Record the type; send no answer."""
        self.seen.append(scope["type"])
