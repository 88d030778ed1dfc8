"""Reads of the upstream, which is mocked: retries, timeouts, the breaker and kept answers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from structlog.contextvars import bound_contextvars

from app.core.http.problems import add_problem_handlers
from app.core.resilience.breaker import Breaker
from app.settings import Settings
from app.upstream.client import UpstreamClient
from app.upstream.reader import MAX_BYTES, UpstreamReader
from app.upstream.routes import upstream_router
from tests.support.asgi import get, is_retryable

PATH = "/api/v1/upstream"


class Remote:
    """Answers each call with the next of `answers`; repeats the last one."""

    def __init__(self, *answers: httpx.Response | Exception | float) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            answer = httpx.Response(200, json={})
        if isinstance(answer, Exception):
            raise answer
        # A new response for each call, because a body can be read only once.
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))


@asynccontextmanager
async def service(
    remote: Remote,
    breaker: Breaker | None = None,
    traceparent: Callable[[], str | None] = lambda: None,
    **changes: float,
) -> AsyncIterator[FastAPI]:
    """Yield an application whose upstream is `remote`."""
    settings = Settings(database_url="postgresql://db/app", upstream_url="http://rates.example/v1", **changes)
    client = UpstreamClient(settings, httpx.MockTransport(remote))
    upstream = UpstreamReader(client, breaker or Breaker("upstream", 5, 600), settings, traceparent)
    yield app_of(upstream)
    await upstream.close()


def app_of(upstream: UpstreamReader | None) -> FastAPI:
    app = FastAPI()
    app.include_router(upstream_router(upstream))
    add_problem_handlers(app)
    return app


GOOD = httpx.Response(200, json={"rate": 1.07})
BAD = httpx.Response(500)


async def test_an_answer_is_passed_on_with_its_time() -> None:
    """Without the header X-Degraded."""
    async with service(Remote(GOOD)) as app:
        response = await get(app, PATH)

    assert response.status_code == 200
    body = response.json()
    assert (body["data"], body["degraded"], body["as_of"][-6:]) == ({"rate": 1.07}, False, "+00:00")
    assert "X-Degraded" not in response.headers


async def test_the_call_has_the_ids_of_the_request_and_its_trace() -> None:
    """So the logs of both services can be combined. The call requests no compression."""
    remote = Remote(GOOD)
    async with service(remote, traceparent=lambda: "00-1-2-01") as app:
        with bound_contextvars(request_id="call-7"):
            await get(app, PATH)

    headers = remote.requests[0].headers
    assert (headers["X-Request-ID"], headers["traceparent"]) == ("call-7", "00-1-2-01")
    assert headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("trouble", [BAD, httpx.ConnectError("refused"), httpx.ReadError("reset")])
async def test_a_failed_call_is_retried_once(trouble: httpx.Response | Exception) -> None:
    """A GET may be repeated."""
    remote = Remote(trouble, GOOD)
    async with service(remote) as app:
        response = await get(app, PATH)

    assert response.json()["degraded"] is False
    assert len(remote.requests) == 2


@pytest.mark.parametrize(
    ("trouble", "calls"),
    [
        (BAD, 2),
        (httpx.ConnectError("refused"), 2),
        (60.0, 2),
        (httpx.Response(404), 1),
        (httpx.Response(302, headers={"Location": "http://elsewhere"}), 1),
        (httpx.Response(200, content=b"<html>"), 1),
        (httpx.Response(200, content=b"1" * (MAX_BYTES + 1)), 1),
    ],
)
async def test_without_a_valid_answer_the_last_one_is_returned(
    trouble: httpx.Response | Exception | float, calls: int
) -> None:
    """It is marked as stale with its age. Refusals and invalid answers are not retried."""
    remote = Remote(GOOD, trouble)
    async with service(remote, upstream_timeout_seconds=0.2) as app:
        fresh = await get(app, PATH)
        stale = await get(app, PATH)

    assert stale.status_code == 200
    assert stale.json() == {**fresh.json(), "degraded": True}
    assert (stale.headers["X-Degraded"], stale.headers["Warning"]) == ("upstream", '110 - "Response is Stale"')
    assert int(stale.headers["Age"]) >= 0
    assert len(remote.requests) == 1 + calls


async def test_a_response_of_the_maximum_length_is_accepted() -> None:
    """Longer ones are refused."""
    longest = httpx.Response(200, content=b'"' + b"x" * (MAX_BYTES - 2) + b'"')
    async with service(Remote(longest)) as app:
        assert len((await get(app, PATH)).json()["data"]) == MAX_BYTES - 2


@pytest.mark.parametrize("trouble", [BAD, httpx.Response(404)])
async def test_without_a_kept_answer_the_client_gets_a_503(trouble: httpx.Response) -> None:
    """With Retry-After."""
    async with service(Remote(trouble)) as app:
        response = await get(app, PATH)

    assert is_retryable(response)


async def test_an_open_breaker_prevents_calls() -> None:
    """The last answer is returned immediately; without one the client gets a 503."""
    remote, breaker = Remote(GOOD, BAD), Breaker("upstream", 1, 600)
    async with service(remote, breaker) as app:
        await get(app, PATH)
        await get(app, PATH)
        assert (breaker.state, len(remote.requests)) == ("open", 3)
        stale = await get(app, PATH)
        assert (stale.json()["degraded"], len(remote.requests)) == (True, 3)

    async with service(Remote(GOOD), breaker) as app:
        assert is_retryable(await get(app, PATH))


async def test_the_call_ends_before_the_deadline_of_the_request() -> None:
    """Even if the timeout of a call is longer, so there is time for the degraded answer."""
    async with service(Remote(GOOD, 60.0), upstream_timeout_seconds=50, request_timeout_seconds=0.5) as app:
        await get(app, PATH)
        async with asyncio.timeout(30):
            stale = await get(app, PATH)

    assert stale.json()["degraded"] is True


async def test_without_an_upstream_the_answer_names_the_setting() -> None:
    """The upstream is optional."""
    response = await get(app_of(None), PATH)

    assert (response.status_code, "set UPSTREAM_URL" in response.json()["detail"]) == (404, True)


async def test_close_without_a_call_creates_no_client() -> None:
    """The HTTP client is created by the first call."""
    settings = Settings(database_url="postgresql://db/app", upstream_url="http://rates.example/v1")
    upstream = UpstreamReader(UpstreamClient(settings), Breaker("upstream"), settings)
    await upstream.close()

    assert upstream._client._client is None
