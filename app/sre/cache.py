"""A cache of the figures."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic, time

import structlog

from app.core.postgres.database import Database
from app.sre.buckets import SIZE, add
from app.sre.counts import WINDOWS, Counts
from app.sre.figures import LATENCY_WINDOWS, Figures, load
from app.sre.minutes import Minute
from app.sre.records import RECORDS_UNAVAILABLE

FRESH_SECONDS = 2.0
CACHE_FACTOR = (
    50  # figures are kept this many times as long as they took to read, so reads take at most 2 % of the time
)
CHECKOUT_SECONDS = 1.0
READ_SECONDS = 5.0

log = structlog.get_logger()


class FigureCache:
    """Reads once for concurrent callers, and keeps the last figures while PostgreSQL is unavailable."""

    def __init__(
        self,
        database: Database,
        unsaved: Callable[[], Sequence[Minute]],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._database = database
        self._unsaved = unsaved
        self._clock = clock
        self._lock = asyncio.Lock()
        self._figures = Figures()
        self._degraded = False
        self._until = float("-inf")

    async def get(self) -> tuple[Figures, bool]:
        """Return the figures, and whether they are degraded: PostgreSQL is unavailable, and they are the last known.

        Degraded figures include what this process has counted since, so that the outage itself is visible.
        """
        async with self._lock:
            if self._clock() >= self._until:
                await self._read()
        if not self._degraded:
            return self._figures, False
        return with_unsaved(self._figures, self._unsaved(), time()), True

    async def _read(self) -> None:
        start = self._clock()
        try:
            async with asyncio.timeout(READ_SECONDS), self._database.connection(CHECKOUT_SECONDS) as connection:
                self._figures = await load(connection)
            self._degraded = False
        except RECORDS_UNAVAILABLE as error:
            if not self._degraded:
                log.warning("figures not read", error=type(error).__name__)
            self._degraded = True
        now = self._clock()
        self._until = now + max(FRESH_SECONDS, CACHE_FACTOR * (now - start) if not self._degraded else 0.0)


def with_unsaved(figures: Figures, minutes: Sequence[Minute], now: float) -> Figures:
    """Return the figures with the minutes that are not saved, if they are in a window that ends at `now`."""
    windows, latency = dict(figures.windows), dict(figures.latency)
    for minute in minutes:
        for name, seconds in WINDOWS.items():
            if minute.number * 60 > now - seconds:
                windows[name] = windows.get(name, Counts()) + minute.counts()
                if name in LATENCY_WINDOWS:
                    latency[name] = add(latency.get(name, (0,) * SIZE), minute.latency)
    return replace(figures, windows=windows, latency=latency)
