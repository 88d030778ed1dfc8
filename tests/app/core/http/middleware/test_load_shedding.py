"""The limit of concurrent requests."""

import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from app.core.http.middleware.deadline import Deadline
from app.core.http.middleware.load_shedding import LoadShedding
from app.core.http.middleware.rate_limit import RateLimit
from tests.support.asgi import Lifespan, answer_200, get, is_retryable


class Held:
    """An application whose requests wait until the test releases them."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.waiting = asyncio.Semaphore(0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.waiting.release()
        await self.go.wait()
        await answer_200(scope, receive, send)


async def test_requests_above_the_limit_are_refused_and_free_slots_are_reused() -> None:
    """Probes are always served, and do not count."""
    held = Held()
    app = LoadShedding(held, max_in_flight=2)
    async with asyncio.timeout(30):
        served = [asyncio.create_task(get(app)) for _ in range(2)]
        for _ in served:
            await held.waiting.acquire()
        probe = asyncio.create_task(get(app, "/health/live"))
        await held.waiting.acquire()
        refused = await get(app)
        held.go.set()
        answers = [*await asyncio.gather(*served, probe), await get(app)]

    assert is_retryable(refused)
    assert [answer.status_code for answer in answers] == [200] * 4


async def test_a_failed_request_frees_its_slot() -> None:
    """Otherwise each unexpected error would reduce the limit."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    app = LoadShedding(broken, max_in_flight=1)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await get(app)


async def test_limits_do_not_apply_to_the_lifespan() -> None:
    """Start and end of the application are not requests."""
    inner = Lifespan()

    async def nothing() -> dict[str, str]:
        return {}

    async def ignore(_message: object) -> None:
        return None

    for app in (LoadShedding(inner, max_in_flight=1), RateLimit(inner, 1, 1), Deadline(inner, 1)):
        await app({"type": "lifespan"}, nothing, ignore)  # type: ignore[arg-type]

    assert inner.seen == ["lifespan"] * 3
