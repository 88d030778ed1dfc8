"""Loops that repeat a step until they are cancelled."""

import asyncio

import pytest
from structlog.testing import capture_logs

from app.core.resilience import loops


async def run(outcomes: list[float | Exception], monkeypatch: pytest.MonkeyPatch) -> tuple[list[float], list[str]]:
    """Run steps with these outcomes and return the pause after each, and the logged events."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == len(outcomes):
            raise asyncio.CancelledError

    async def step() -> float:
        outcome = outcomes[len(pauses)]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(loops.asyncio, "sleep", sleep)
    monkeypatch.setattr(loops, "pause", lambda base, attempt: base * 2**attempt)
    with capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        await loops.forever("test", step, (ConnectionError,))
    return pauses, [line["event"] for line in logs]


async def test_a_step_determines_the_pause_before_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is logged without an error."""
    assert await run([0.5, 0, 3], monkeypatch) == ([0.5, 0, 3], [])


async def test_an_outage_is_logged_once_and_retried_with_growing_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses have a limit, and start again with the next outage."""
    outage = ConnectionError("unavailable")
    pauses, events = await run([*[outage] * 6, 1, outage], monkeypatch)

    assert pauses == [pytest.approx(0.5), pytest.approx(0.9), pytest.approx(1.7), pytest.approx(3.3), 5, 5, 1, 0.5]
    assert events == ["interrupted", "resumed", "interrupted"]


async def test_an_unexpected_error_does_not_end_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each one is logged."""
    pauses, events = await run([ZeroDivisionError(), ZeroDivisionError(), 1], monkeypatch)

    assert (len(pauses), events) == (3, ["loop failed", "loop failed"])
