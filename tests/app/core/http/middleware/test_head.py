"""HEAD, OPTIONS and 405 on every route of the service."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi.routing import APIRoute
from pydantic import SecretStr
from starlette.types import Message, Receive, Scope, Send

from app.api import create_app
from app.core.http.middleware.head import HeadAsGet
from app.settings import Settings
from tests.app.features import Removable, present
from tests.support.client import client_of

TOKEN = "a token for drills"
METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
VARIES = {"x-request-id", "set-cookie", "content-length"}
EXACT = (  # paths whose answers to GET always have the same length
    "/health/live",
    "/api/v1/items",
    "/api/v1/items/1",
    "/api/v1/items/999",
    "/api/v1/items/x",
    "/api/users",
    "/api/v1/upstream",
    "/openapi.json",
    "/docs",
    "/",
    "/static/style.css",
    "/nothing",
)


def allowed(settings: Settings) -> dict[str, set[str]]:
    """Return path -> methods of the declared routes."""
    found: dict[str, set[str]] = {}
    for route in create_app(settings).routes:
        methods = set(getattr(route, "methods", None) or ())
        found.setdefault(str(getattr(route, "path", "")), set()).update(methods)
    return found


@pytest.fixture
def drilled(settings: Settings) -> Settings:
    return settings.model_copy(update={"fault_token": SecretStr(TOKEN), "rate_limit_per_second": 0})


@pytest.fixture
async def caller(drilled: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(drilled) as client:
        await client.post("/api/v1/items", json={"name": "anchor"})
        yield client


def concrete(path: str) -> str:
    return path.replace("{id}", "1").replace("{name}", "style.css")


async def test_head_answers_as_get_without_the_body(caller: httpx.AsyncClient, drilled: Settings) -> None:
    """On every path with a GET: the same status and headers (RFC 9110, 9.3.2)."""
    paths = {concrete(path) for path, methods in allowed(drilled).items() if "GET" in methods}
    of_features: dict[str, Removable] = {"/sre/dashboard-ui": "sre", "/": "web", "/docs": "web"}
    assert {"/api/v1/items/1", "/metrics", "/health"} <= paths
    assert {path for path, feature in of_features.items() if present(feature)} <= paths

    for path in sorted(paths | set(EXACT)):
        get, head = await caller.get(path), await caller.head(path)
        assert (path, head.status_code, head.content) == (path, get.status_code, b"")
        assert "content-length" in head.headers
        assert {n: v for n, v in head.headers.items() if n not in VARIES} == {
            n: v for n, v in get.headers.items() if n not in VARIES
        }
        if path in EXACT:
            assert int(head.headers["content-length"]) == len(get.content), path


async def test_head_sends_no_part_of_a_body() -> None:
    """Also of a body in several parts. The client of the test above would drop a body without a failure."""
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["method"] == "GET"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        sent.append(message)

    await HeadAsGet(app)({"type": "http", "method": "HEAD"}, receive, send)

    assert sent[0]["headers"] == [(b"content-length", b"2")]
    assert [message["body"] for message in sent[1:]] == [b"", b""]


async def test_every_path_lists_its_methods(caller: httpx.AsyncClient, drilled: Settings) -> None:
    """OPTIONS answers with Allow, as does every other method, with 405 (RFC 9110, 9.3.7 and 15.5.6)."""
    found = allowed(drilled)
    assert found["/api/v1/items/{id}"] >= {"GET", "PUT", "DELETE"}

    for path, declared in found.items():
        accepted = declared | {"OPTIONS"} | ({"HEAD"} if "GET" in declared else set())
        asked = await caller.options(concrete(path))
        assert (path, asked.status_code) == (path, 204)
        assert asked.headers["allow"] == ", ".join(sorted(accepted))
        for method in METHODS - accepted:
            answer = await caller.request(method, concrete(path), headers={"X-Fault-Token": TOKEN})
            assert (path, method, answer.status_code) == (path, method, 405)
            assert answer.headers["allow"] == ", ".join(sorted(accepted))
            assert answer.headers["content-type"] == "application/problem+json"


async def test_options_of_an_unknown_path_gets_404(caller: httpx.AsyncClient) -> None:
    """OPTIONS lists methods of existing paths only."""
    assert (await caller.options("/nothing")).status_code == 404


def test_the_routes_of_the_application_are_found(drilled: Settings) -> None:
    """Otherwise the tests above would check no paths."""
    assert sum(isinstance(route, APIRoute) for route in create_app(drilled).routes) > 20
