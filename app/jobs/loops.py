"""What a worker does over and over: a step that fails is tried again, with growing pauses, for ever."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog

from app.jobs.backoff import pause
from app.jobs.queue import QueueAwayError
from app.lease import AWAY as DATABASE_AWAY
from app.reliability.breaker import BreakerOpenError

MAX_PAUSE_SECONDS = 5.0
AWAY = (*DATABASE_AWAY, QueueAwayError, BreakerOpenError)
"""What a step raises while something that it needs is away: expected, and no bug."""

__all__ = ["AWAY", "DATABASE_AWAY", "forever"]

log = structlog.get_logger()


async def forever(name: str, step: Callable[[], Awaitable[float]]) -> None:
    """Run `step`, which returns the seconds until its next run, until this task is cancelled."""
    failures, failing_since = 0, 0.0
    while True:
        try:
            seconds = await step()
        except AWAY as error:
            if not failures:  # once: the breakers log what they see, and an outage would fill the log
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
