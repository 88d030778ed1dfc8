"""Records of requests: counted in memory by the minute, and added to PostgreSQL every few seconds, exactly once.

Each flush has a sequence number, and its statement first writes that number to the row of the instance, only upwards.
A flush with an unknown outcome is sent again with the same content and number. If the first one took effect, the
second does nothing.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, time
from uuid import uuid4

import orjson
import psycopg
import structlog

from app.core.postgres.database import Database
from app.core.resilience.breaker import BreakerOpenError
from app.sre.minutes import Minute
from app.sre.report import ProcessReport

FLUSH_SECONDS = 5.0
CLEAN_SECONDS = 60.0
CHECKOUT_SECONDS = 2.0
FLUSH_TIMEOUT_SECONDS = 5.0
MAX_MINUTES = 24 * 60  # kept in memory; about 1 kB each
RECORDS_UNAVAILABLE = (psycopg.Error, BreakerOpenError, TimeoutError, OSError)
"""Records are read and saved when possible: no error of the database, or of the way to it, is a bug here."""

# Minutes in order: two instances that add to the same minutes lock the rows in the same order.
_FLUSH = b"""
    WITH claimed AS (
        INSERT INTO instances AS known (instance, role, sequence, report, seen_at)
        VALUES (%(instance)s, %(role)s, %(sequence)s, %(report)s::jsonb, now())
        ON CONFLICT (instance) DO UPDATE
        SET role = excluded.role, sequence = excluded.sequence, report = excluded.report, seen_at = now()
        WHERE known.sequence < excluded.sequence
        RETURNING sequence
    )
    INSERT INTO request_minutes AS known (minute, requests, server_errors, refused, within_200ms, within_500ms,
        reads, stale_reads, seconds, latency_counts)
    SELECT to_timestamp(added.minute), requests, server_errors, refused, within_200ms, within_500ms,
        reads, stale_reads, seconds, latency_counts
    FROM claimed, jsonb_to_recordset(%(minutes)s::jsonb) AS added (minute bigint, requests bigint,
        server_errors bigint, refused bigint, within_200ms bigint, within_500ms bigint, reads bigint,
        stale_reads bigint, seconds double precision, latency_counts bigint[])
    ORDER BY added.minute
    ON CONFLICT (minute) DO UPDATE SET
        requests = known.requests + excluded.requests,
        server_errors = known.server_errors + excluded.server_errors,
        refused = known.refused + excluded.refused,
        within_200ms = known.within_200ms + excluded.within_200ms,
        within_500ms = known.within_500ms + excluded.within_500ms,
        reads = known.reads + excluded.reads,
        stale_reads = known.stale_reads + excluded.stale_reads,
        seconds = known.seconds + excluded.seconds,
        latency_counts = (
            SELECT array_agg(coalesce(one, 0) + coalesce(two, 0) ORDER BY position)
            FROM unnest(known.latency_counts, excluded.latency_counts) WITH ORDINALITY AS both_of (one, two, position)
        )
"""
_CLEAN_MINUTES = b"DELETE FROM request_minutes WHERE minute < now() - interval '31 days'"
_CLEAN_INSTANCES = b"DELETE FROM instances WHERE seen_at < now() - interval '1 day'"
_LEAVE = b"DELETE FROM instances WHERE instance = %(instance)s"

log = structlog.get_logger()


class Recorder:
    """Counts requests and saves the counts, with the report of this process for every replica."""

    def __init__(
        self,
        database: Database,
        report: ProcessReport,
        role: str = "serve",
        clock: Callable[[], float] = time,
    ) -> None:
        # A restarted container has the same host name and process id, but starts its sequence at 1.
        self.instance = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
        """Name of this process, from its start to its end."""
        self.role = role
        self.recorded = 0
        """Requests counted since the start."""
        self._database = database
        self.report = report
        self._clock = clock
        self._sequence = 0
        self._batch: list[Minute] | None = None
        self._open: dict[int, Minute] = {}
        self._minute = Minute(-1)
        self._lock = asyncio.Lock()
        self._failing = False
        self._cleaned_at = float("-inf")

    def record(self, status: int, seconds: float, read: bool, stale: bool) -> None:
        """Count a request: its status, its duration, whether it read data, and whether the answer was a stale one."""
        number = int(self._clock()) // 60
        if number != self._minute.number:
            self._minute = self._minute_of(number)
        self.recorded += 1
        self._minute.record(status, seconds, read, stale)

    def unsaved(self) -> list[Minute]:
        """Return the minutes that are not saved, the oldest first."""
        return [*(self._batch or ()), *self._open.values()]

    async def run(self) -> None:
        """Save every few seconds until cancelled; what cannot be saved is kept and retried."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self.flush()
            except RECORDS_UNAVAILABLE as error:
                if not self._failing:
                    log.warning("request records not saved", error=type(error).__name__, kept=len(self.unsaved()))
                self._failing = True
            except Exception:
                log.exception("request records not saved")
                self._failing = True
            else:
                if self._failing:
                    log.info("request records saved again")
                self._failing = False

    async def flush(self) -> None:
        """Save all counted so far. Raises one of RECORDS_UNAVAILABLE if it cannot; then nothing is lost."""
        async with self._lock:
            if self._batch is not None:
                await self._send()
            self._batch = list(self._open.values())
            self._sequence += 1
            self._open, self._minute = {}, Minute(-1)
            await self._send()
            await self._clean()

    async def close(self) -> None:
        """Save the rest and remove this instance, if the database is available."""
        with suppress(*RECORDS_UNAVAILABLE):
            # One timeout for both, because it is part of the shutdown of the process.
            async with asyncio.timeout(FLUSH_TIMEOUT_SECONDS):
                await self.flush()
                async with self._database.connection(CHECKOUT_SECONDS) as connection:
                    await connection.execute(_LEAVE, {"instance": self.instance})

    async def _send(self) -> None:
        rows = [minute.row() for minute in self._batch or ()]
        values = {
            "instance": self.instance,
            "role": self.role,
            "sequence": self._sequence,
            "report": orjson.dumps(self.report()).decode(),
            "minutes": orjson.dumps(rows).decode(),
        }
        async with asyncio.timeout(FLUSH_TIMEOUT_SECONDS), self._database.connection(CHECKOUT_SECONDS) as connection:
            await connection.execute(_FLUSH, values)
        self._batch = None

    async def _clean(self) -> None:
        now = monotonic()
        if now - self._cleaned_at < CLEAN_SECONDS:
            return
        self._cleaned_at = now
        async with asyncio.timeout(FLUSH_TIMEOUT_SECONDS), self._database.connection(CHECKOUT_SECONDS) as connection:
            await connection.execute(_CLEAN_MINUTES)
            await connection.execute(_CLEAN_INSTANCES)

    def _minute_of(self, number: int) -> Minute:
        if number not in self._open:
            if len(self._open) >= MAX_MINUTES:
                # After a day without the database, merge the oldest minute into the next one to keep the sums.
                numbers = sorted(self._open)
                self._open[numbers[1]].absorb(self._open.pop(numbers[0]))
            self._open[number] = Minute(number)
        return self._open[number]
