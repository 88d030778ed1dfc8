"""A task that repeats a step. A step that fails is retried with increasing pauses, without end."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog

from app.core.resilience.backoff import pause

MAX_PAUSE_SECONDS = 5.0

log = structlog.get_logger()


async def forever(name: str, step: Callable[[], Awaitable[float]], expected: tuple[type[Exception], ...]) -> None:
    """Run `step`, which returns the seconds until its next run, until this task is cancelled.

    `expected` are the errors of an unavailable dependency. Those are logged once per outage; any other error is a bug
    and is logged each time.
    """
    failures, failing_since = 0, 0.0
    while True:
        try:
            seconds = await step()
        except expected as error:
            if not failures:  # once: the breakers log their changes, and an outage would fill the log
                failing_since = monotonic()
                log.warning("interrupted", loop=name, error=f"{type(error).__name__}: {error}".strip())
            failures += 1
            seconds = _pause(failures)
        except Exception:
            log.exception("loop failed", loop=name)
            failures += 1
            seconds = _pause(failures)
        else:
            if failures and failing_since:
                log.info("resumed", loop=name, seconds=round(monotonic() - failing_since, 1))
            failures, failing_since = 0, 0.0
        await asyncio.sleep(seconds)


def _pause(failures: int) -> float:
    return min(MAX_PAUSE_SECONDS, 0.1 + pause(0.2, failures))
