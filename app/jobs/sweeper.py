"""Sends jobs without progress again, marks jobs as dead whose last attempt never ended, and deletes old ones."""

from collections.abc import Callable
from typing import Any

import structlog

from app.core.resilience.backoff import MAX_PAUSE_SECONDS
from app.jobs.store import JobStore

INTERVAL_SECONDS = 5.0

log = structlog.get_logger()


class Sweeper:
    """Several sweepers may work on one database. They ensure that no job is lost when the queue loses messages."""

    def __init__(self, store: JobStore, record_dead: Callable[[list[dict[str, Any]]], None]) -> None:
        self._store = store
        self._record_dead = record_dead

    async def sweep(self) -> float:
        """Sweep once; return the seconds until the next time."""
        self._record_dead(await self._store.bury_exhausted())
        resent = await self._store.resend(MAX_PAUSE_SECONDS)
        if resent:
            log.warning("jobs sent again", count=resent)
        await self._store.forget()
        return INTERVAL_SECONDS
