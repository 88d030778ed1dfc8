"""Finds what fell through: jobs of which nothing was heard, and jobs whose last attempt never ended.

And clears away what ended long ago.
"""

from collections.abc import Callable
from typing import Any

import structlog

from app.jobs.backoff import MAX_PAUSE_SECONDS
from app.jobs.store import JobStore

INTERVAL_SECONDS = 5.0

log = structlog.get_logger()


class Sweeper:
    """Any number of them work on one database. A queue that lost everything thereby loses nothing."""

    def __init__(self, store: JobStore, note_dead: Callable[[list[dict[str, Any]]], None]) -> None:
        self._store = store
        self._note_dead = note_dead

    async def sweep(self) -> float:
        """Look once; return the seconds until the next time."""
        self._note_dead(await self._store.bury())
        resent = await self._store.resend(MAX_PAUSE_SECONDS)
        if resent:
            log.warning("jobs sent again", count=resent)
        await self._store.forget()
        return INTERVAL_SECONDS
