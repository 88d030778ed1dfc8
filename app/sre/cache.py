"""The last figures, and the rule when to read them anew."""

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
SHARE = 50  # figures stay for so many times what reading them took: never more than 2 % of the time is spent on it
CHECKOUT_SECONDS = 1.0
READ_SECONDS = 5.0

log = structlog.get_logger()


class FigureCache:
    """Reads once for all who look at the same time; keeps what it has while PostgreSQL is away."""

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
        """Return the figures, and whether they are degraded: PostgreSQL is away, and they are the last known.

        To those, what this process has counted since is added, so that the outage itself is seen.
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
        self._until = now + max(FRESH_SECONDS, SHARE * (now - start) if not self._degraded else 0.0)


def with_unsaved(figures: Figures, minutes: Sequence[Minute], now: float) -> Figures:
    """Return the figures with minutes that PostgreSQL has not got, where they are in a window that ends at `now`."""
    windows, latency = dict(figures.windows), dict(figures.latency)
    for minute in minutes:
        for name, seconds in WINDOWS.items():
            if minute.number * 60 > now - seconds:
                windows[name] = windows.get(name, Counts()) + minute.counts()
                if name in LATENCY_WINDOWS:
                    latency[name] = add(latency.get(name, (0,) * SIZE), minute.latency)
    return replace(figures, windows=windows, latency=latency)
