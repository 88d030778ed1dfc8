"""Everything that a worker process runs: consumer, relay, sweeper and queue monitor, from start to stop."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

from app.core.health.readiness import Check
from app.core.postgres.database import Database
from app.core.resilience.background import end
from app.core.resilience.breaker import Breaker
from app.core.resilience.loops import forever
from app.jobs.consumer import Consumer
from app.jobs.handlers import Context, Handler, Notifier
from app.jobs.metrics import JobMetrics
from app.jobs.monitor import QueueMonitor
from app.jobs.outages import JOBS_UNAVAILABLE
from app.jobs.outbox import Relay
from app.jobs.queue import Queue
from app.jobs.store import JobStore
from app.jobs.sweeper import Sweeper
from app.jobs.worker import Worker
from app.settings import Settings
from app.telemetry.tracing import Tracing

RELAY_SECONDS = 0.25  # while there is work; when idle, the pauses increase up to RELAY_IDLE_SECONDS
RELAY_IDLE_SECONDS = 1.0
RELAY_GROWTH = 1.5
SPARE_CONNECTIONS = 2  # for claims, the relay and the rest, in addition to one for each job


class JobEngine:
    """Runs jobs. Raises QueueSettingsError if the settings name no queue, or no region."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        breaker: Breaker,
        *,
        metrics: JobMetrics,
        handlers: Mapping[str, Handler],
        notifier: Notifier | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        # A job holds a connection all the time: more jobs than connections would only wait for each other.
        self.concurrency = max(1, min(settings.worker_concurrency, settings.max_connections - SPARE_CONNECTIONS))
        """Maximum of concurrent jobs."""
        self._queue = Queue(settings, breaker, threads=self.concurrency + 4)
        store = JobStore(database, settings)
        self._relay = Relay(database, self._queue)
        context = Context(notifier=notifier)
        worker = Worker(
            store, self._queue, settings, handlers=handlers, context=context, metrics=metrics, tracing=tracing
        )
        self._sweeper = Sweeper(store, worker.record_dead)
        self._consumer = Consumer(
            self._queue, worker.handle, partial(database.migration, None), self.concurrency, metrics
        )
        self._monitor = QueueMonitor(self._queue, self._relay, metrics)
        self._loops: list[asyncio.Task[None]] = []
        self._idle = RELAY_SECONDS

    @property
    def in_flight(self) -> int:
        """Jobs that are running."""
        return self._consumer.in_flight

    def queue_report(self) -> dict[str, object]:
        """Return the last figures of the queue, for all processes to see."""
        return {"queue": self._monitor.report()}

    async def check_queue(self, _database: Check) -> Check:
        """Return whether the queue is reachable; a worker requires it."""
        return self._monitor.check()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run jobs for the block."""
        self.start()
        try:
            yield
        finally:
            await self.stop()

    def start(self) -> None:
        """Start every loop; each waits for its own unavailable dependency."""
        self._consumer.start()
        steps = {
            "relay": self._send,
            "sweeper": self._sweeper.sweep,
            "watch": self._monitor.update,
        }
        self._loops = [asyncio.create_task(forever(name, step, JOBS_UNAVAILABLE)) for name, step in steps.items()]

    def stop_receiving(self) -> None:
        """Stop receiving jobs; running jobs continue."""
        self._consumer.stop_receiving()

    async def stop(self) -> None:
        """Finish running jobs within SHUTDOWN_GRACE_SECONDS, hand back the others, and stop every loop."""
        await self._consumer.stop(self._settings.shutdown_grace_seconds)
        await end(*self._loops)
        self._queue.close()

    async def _send(self) -> float:
        sent = await self._relay.send()
        if sent:
            self._metrics.sent.inc(sent)
            self._idle = RELAY_SECONDS
            return 0
        self._idle = min(RELAY_IDLE_SECONDS, self._idle * RELAY_GROWTH)
        return self._idle
