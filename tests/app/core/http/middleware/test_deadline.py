"""The time limit of a request."""

import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from app.core.http.middleware.deadline import Deadline
from tests.support.asgi import answer_200, get, is_retryable


async def forever(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.Event().wait()


async def half(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await asyncio.Event().wait()


async def test_a_request_that_times_out_gets_a_503_with_retry_after() -> None:
    """The handler is cancelled, so it releases its resources."""
    response = await get(Deadline(forever, seconds=0.05))

    assert is_retryable(response)
    assert "after 0.05 s" in response.json()["detail"]


async def test_a_response_that_has_begun_is_aborted() -> None:
    """A second status line in the middle of a body would be taken for content."""
    with pytest.raises(TimeoutError):
        await get(Deadline(half, seconds=0.05))


async def test_an_answer_in_time_is_passed_on() -> None:
    """Its status stays 200."""
    assert (await get(Deadline(answer_200, seconds=60))).status_code == 200


async def test_probes_have_no_deadline() -> None:
    """Their callers have timeouts of their own."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await get(Deadline(forever, seconds=0.01), "/health/ready")


async def test_a_timeout_error_of_the_application_is_raised() -> None:
    """It is an error for the log, not a request over its deadline."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await get(Deadline(broken, seconds=60))
