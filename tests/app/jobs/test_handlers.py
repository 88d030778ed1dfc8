"""The handlers of the kinds of jobs."""

from uuid import uuid4

import httpx
import pytest

from app.core.postgres.database import Database
from app.core.resilience.breaker import Breaker, BreakerOpenError
from app.jobs.handlers import Context, NoUpstreamError, import_items, notify_user
from app.jobs.store import Claim
from app.settings import Settings
from app.upstream.client import UpstreamClient, UpstreamRefusedError, UpstreamUnavailableError
from app.upstream.notifier import Notifier
from tests.app.jobs.sql import fetch

PAYLOAD = {"user_id": 7, "message": "hello"}


def job(kind: str, payload: object) -> Claim:
    return Claim(uuid4(), kind, payload, 1, "request-1", "00-a-b-01")


async def test_import_items_creates_all_items_in_order(database: Database) -> None:
    """The result has their number and the first id."""
    items = [{"name": f"item {n}", "description": f"d{n}"} for n in range(500)]
    async with database.connection() as connection:
        result = await import_items(connection, job("import-items", {"items": items}), Context())

    assert result == {"created": 500, "first_id": 1}
    rows = await fetch(database, "SELECT name, description FROM items ORDER BY id")
    assert rows == items


class Upstream:
    """A mocked upstream; `answer` is a status or an error."""

    def __init__(self, settings: Settings, answer: int | Exception) -> None:
        self.answer = answer
        self.requests: list[httpx.Request] = []
        self.breaker = Breaker("upstream", failure_threshold=2, recovery_seconds=60)
        there = settings.model_copy(update={"upstream_url": "http://upstream/notify"})
        self.notifier = Notifier(UpstreamClient(there, httpx.MockTransport(self._serve)), self.breaker)

    def _serve(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return httpx.Response(self.answer)

    async def notify(self, database: Database, claim: Claim) -> object:
        async with database.connection() as connection:
            return await notify_user(connection, claim, Context(notifier=self.notifier))


async def test_notify_user_posts_with_an_idempotency_key(settings: Settings, database: Database) -> None:
    """The key is the id of the job. The ids of the request and its trace are passed on."""
    upstream = Upstream(settings, 202)
    claim = job("notify-user", PAYLOAD)
    assert await upstream.notify(database, claim) == {"status": 202}
    await upstream.notifier.close()

    [request] = upstream.requests
    assert (request.method, str(request.url)) == ("POST", "http://upstream/notify")
    assert request.headers["Idempotency-Key"] == str(claim.id)
    assert (request.headers["X-Request-ID"], request.headers["traceparent"]) == ("request-1", "00-a-b-01")
    assert httpx.Response(200, content=request.content).json() == PAYLOAD


async def test_notify_user_requires_an_upstream(database: Database) -> None:
    """The error names UPSTREAM_URL."""
    async with database.connection() as connection:
        with pytest.raises(NoUpstreamError, match="UPSTREAM_URL"):
            await notify_user(connection, job("notify-user", PAYLOAD), Context())


@pytest.mark.parametrize("answer", [500, 503, httpx.ConnectError("no"), httpx.ReadTimeout("no"), TimeoutError()])
async def test_an_unavailable_upstream_opens_its_breaker(
    settings: Settings, database: Database, answer: int | Exception
) -> None:
    """Then it is not called."""
    upstream = Upstream(settings, answer)
    for _ in range(2):
        with pytest.raises(UpstreamUnavailableError):
            await upstream.notify(database, job("notify-user", PAYLOAD))
    with pytest.raises(BreakerOpenError):
        await upstream.notify(database, job("notify-user", PAYLOAD))

    assert len(upstream.requests) == 2


@pytest.mark.parametrize("answer", [301, 400, 404])
async def test_a_refusal_of_the_upstream_does_not_open_the_breaker(
    settings: Settings, database: Database, answer: int
) -> None:
    """The attempt fails with the status."""
    upstream = Upstream(settings, answer)
    for _ in range(3):
        with pytest.raises(UpstreamRefusedError, match=str(answer)):
            await upstream.notify(database, job("notify-user", PAYLOAD))

    assert upstream.breaker.closed
