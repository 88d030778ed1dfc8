"""The parts of a worker, put together: consumer, relay, sweeper, watch and report, and their start and end."""

import asyncio
from collections.abc import Mapping
from functools import partial

from app.background import end
from app.database import Database
from app.jobs.consumer import Consumer
from app.jobs.handlers import Context, Handler
from app.jobs.loops import forever
from app.jobs.notifier import Notifier
from app.jobs.outbox import Relay
from app.jobs.queue import Queue
from app.jobs.store import JobStore
from app.jobs.sweeper import Sweeper
from app.jobs.watch import QueueWatch
from app.jobs.worker import Worker
from app.reliability.breaker import Breakers
from app.settings import Settings
from app.sre.records import Recorder
from app.sre.report import ProcessReport
from app.telemetry.job_metrics import JobMetrics
from app.telemetry.tracing import Tracing

RELAY_SECONDS = 0.25  # while there is work; idle, the pauses grow up to RELAY_IDLE_SECONDS
RELAY_IDLE_SECONDS = 1.0
RELAY_GROWTH = 1.5
SPARE_CONNECTIONS = 2  # for claims, the relay and the rest, beside one for each job


class Crew:
    """Everything a worker process does but serve its probes. Raises QueueSettingsError if it cannot be."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        breakers: Breakers,
        *,
        metrics: JobMetrics,
        handlers: Mapping[str, Handler],
        tracing: Tracing | None = None,
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        # A job holds a connection all the time: more of them than connections would only wait for each other.
        concurrency = max(1, min(settings.worker_concurrency, settings.max_connections - SPARE_CONNECTIONS))
        self._queue = Queue(settings, breakers.new("queue"), threads=concurrency + 4)
        self._notifier = Notifier(settings, breakers.new("upstream")) if settings.upstream_url else None
        store = JobStore(database, settings)
        self._relay = Relay(database, self._queue)
        context = Context(notifier=self._notifier)
        worker = Worker(
            store, self._queue, settings, handlers=handlers, context=context, metrics=metrics, tracing=tracing
        )
        self._sweeper = Sweeper(store, worker.note_dead)
        self._consumer = Consumer(self._queue, worker.handle, partial(database.migration, None), concurrency, metrics)
        self.watch = QueueWatch(self._queue, self._relay, metrics)
        self.report = ProcessReport(
            "worker",
            breakers,
            database.pool_stats,
            requests=lambda: 0,  # it serves none
            in_flight=lambda: self._consumer.in_flight,
            max_in_flight=concurrency,
            more=lambda: {"queue": self.watch.report()},
        )
        self._recorder = Recorder(database, self.report, role="worker")
        self._loops: list[asyncio.Task[None]] = []
        self._idle = RELAY_SECONDS

    def start(self) -> None:
        """Begin everything; each part waits by itself for what is away."""
        self._consumer.start()
        steps = {
            "relay": self._send,
            "sweeper": self._sweeper.sweep,
            "watch": self.watch.look,
        }
        self._loops = [asyncio.create_task(forever(name, step)) for name, step in steps.items()]
        self._loops.append(asyncio.create_task(self._recorder.run()))

    def stop_receiving(self) -> None:
        """Take no more jobs; those in flight go on."""
        self._consumer.stop_receiving()

    async def stop(self) -> None:
        """Finish the jobs in flight within SHUTDOWN_GRACE_SECONDS, hand back the others, and end everything."""
        await self._consumer.stop(self._settings.shutdown_grace_seconds)
        await end(*self._loops)
        await self._recorder.close()
        if self._notifier is not None:
            await self._notifier.close()
        self._queue.close()

    async def _send(self) -> float:
        sent = await self._relay.send()
        if sent:
            self._metrics.sent.inc(sent)
            self._idle = RELAY_SECONDS
            return 0
        self._idle = min(RELAY_IDLE_SECONDS, self._idle * RELAY_GROWTH)
        return self._idle
