"""Process one message: claim the job, run it in one transaction, delete the message or make it visible again.

Each step may fail or be repeated: the row of the job is authoritative, not the message.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import ceil
from time import perf_counter
from typing import Any
from uuid import UUID

import stamina
import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars

from app.core.postgres.outages import DATABASE_UNAVAILABLE
from app.core.resilience.backoff import pause
from app.jobs.handlers import Context, Handler
from app.jobs.metrics import JobMetrics
from app.jobs.outages import JOBS_UNAVAILABLE
from app.jobs.queue import Queue, Received
from app.jobs.store import MAX_ERROR, Claim, JobStore, LostClaimError
from app.settings.jobs import JobSettings
from app.telemetry.redaction import redact
from app.telemetry.tracing import Spanning, Tracing

MAX_LOGGED = 100  # characters of an unknown message

log = structlog.get_logger()


class UnknownKindError(Exception):
    """This release of the worker does not know the kind of the job; a newer one may."""


class Worker:
    """Runs jobs, several concurrently. `tracing` continues the trace of the request that created the job."""

    def __init__(
        self,
        store: JobStore,
        queue: Queue,
        settings: JobSettings,
        *,
        handlers: Mapping[str, Handler],
        context: Context,
        metrics: JobMetrics,
        tracing: Tracing | None = None,
    ) -> None:
        self._store = store
        self._queue = queue
        self._settings = settings
        self._handlers = handlers
        self._context = context
        self._metrics = metrics
        self._tracing = tracing

    async def handle(self, message: Received) -> bool:
        """Run the job of the message if it is not done; return whether the database and the queue were available.

        Cancel it to hand the job back: the transaction is rolled back, and another worker may claim the job.
        """
        clear_contextvars()
        try:
            await self._handle(message)
        except JOBS_UNAVAILABLE as error:
            # Nothing is lost: the message becomes visible again, and the claim expires.
            log.warning("message left", job_id=message.job_id, error=f"{type(error).__name__}: {error}".strip())
            return False
        return True

    async def _handle(self, message: Received) -> None:
        if message.job_id is None:
            log.warning("unknown message", body=redact(message.body)[:MAX_LOGGED])
            await self._queue.move_to_dead_letters(message)
            return
        bind_contextvars(job_id=str(message.job_id))
        try:
            claim = await self._store.claim(message.job_id)
        except DATABASE_UNAVAILABLE:
            await self._queue.make_visible(message, 1)  # the consumer waits for the database before it receives again
            raise
        if claim is None:
            await self._settle_unclaimed(message, message.job_id)
            return
        bind_contextvars(request_id=claim.request_id, kind=claim.kind, attempt=claim.attempts)
        with self._span(claim) as span:
            outcome = await self._attempt(message, claim)
            if span is not None:
                span.set("job.outcome", outcome)

    async def _attempt(self, message: Received, claim: Claim) -> str:
        start = perf_counter()
        try:
            async with asyncio.timeout(self._settings.job_timeout_seconds):
                await self._do(claim)
        except LostClaimError:
            await self._settle_unclaimed(message, claim.id)
            return "lost"
        except asyncio.CancelledError:
            await self._hand_back(message, claim)
            raise
        except Exception as error:
            return await self._failed(message, claim, error, perf_counter() - start)
        self._record(claim, "succeeded", perf_counter() - start)
        await self._queue.delete(message)
        return "succeeded"

    async def _do(self, claim: Claim) -> None:
        async with self._store.attempt(claim) as connection:
            handler = self._handlers.get(claim.kind)
            if handler is None:
                raise UnknownKindError(f"this worker does not know the job kind {claim.kind}")
            result = await handler(connection, claim, self._context)
            await self._store.succeed(connection, claim, result)

    async def _failed(self, message: Received, claim: Claim, error: Exception, seconds: float) -> str:
        final = claim.attempts >= self._settings.job_max_attempts
        text = self._describe(error)
        stored = False
        # Retried, because otherwise a restart of the database would keep the job waiting until its claim expires.
        async for attempt in stamina.retry_context(
            on=DATABASE_UNAVAILABLE, attempts=5, timeout=10, wait_initial=0.2, wait_max=2, wait_jitter=0.3
        ):
            with attempt:
                stored = await self._store.fail(claim, text, final=final)
        if not stored:  # another worker took it over; or it succeeded, and only the response to the commit was lost
            await self._settle_unclaimed(message, claim.id)
            return "lost"
        outcome = "dead" if final else "retrying"
        self._record(claim, outcome, seconds, error=text)
        if final:
            await self._queue.move_to_dead_letters(message)
        else:
            await self._queue.make_visible(message, pause(self._settings.job_backoff_seconds, claim.attempts))
        return outcome

    def _describe(self, error: Exception) -> str:
        if isinstance(error, TimeoutError):
            return f"timed out after {self._settings.job_timeout_seconds:g} s"
        return redact(f"{type(error).__name__}: {error}".replace("\0", "")).strip()[:MAX_ERROR]

    async def _settle_unclaimed(self, message: Received, id: UUID) -> None:
        status = await self._store.status(id)
        if status is None or status.state == "succeeded":
            await self._queue.delete(message)
        elif status.state == "dead":
            await self._queue.move_to_dead_letters(message)
        elif status.state == "running" and status.claimed_seconds > 0:
            # Another worker has it. If that worker crashes, its claim expires before this message is visible again.
            await self._queue.make_visible(message, ceil(status.claimed_seconds) + 1)
        elif buried := await self._store.bury_exhausted(id):
            self.record_dead(buried)
            await self._queue.move_to_dead_letters(message)
        else:
            await self._queue.make_visible(message, 1)  # another worker claimed it meanwhile

    async def _hand_back(self, message: Received, claim: Claim) -> None:
        try:
            await self._store.give_back(claim)
            await self._queue.make_visible(message, 0)
        except JOBS_UNAVAILABLE as error:
            log.warning("not handed back", error=f"{type(error).__name__}: {error}".strip())
        else:
            log.info("job handed back")

    def record_dead(self, jobs: list[dict[str, Any]]) -> None:
        """Count and log jobs that had no attempt left."""
        for job in jobs:
            self._metrics.finished.labels(self._label(job["kind"]), "dead").inc()
            log.error("job finished", job_id=str(job["id"]), kind=job["kind"], attempt=job["attempts"], outcome="dead")

    def _record(self, claim: Claim, outcome: str, seconds: float, error: str | None = None) -> None:
        kind = self._label(claim.kind)
        self._metrics.finished.labels(kind, outcome).inc()
        self._metrics.seconds.labels(kind).observe(seconds)
        write = {"succeeded": log.info, "retrying": log.warning}.get(outcome, log.error)
        more = {"error": error} if error is not None else {}
        write("job finished", outcome=outcome, milliseconds=round(seconds * 1000, 2), **more)

    def _label(self, kind: str) -> str:
        return kind if kind in self._handlers else "unknown"

    @contextmanager
    def _span(self, claim: Claim) -> Iterator[Spanning | None]:
        if self._tracing is None:
            yield None
            return
        attributes = {"messaging.system": "aws_sqs", "messaging.operation.type": "process"}
        with (
            self._tracing.continue_from(claim.traceparent),
            self._tracing.span(f"job {claim.kind}", kind="consumer", attributes=attributes) as span,
        ):
            yield span
