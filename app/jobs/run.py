"""`worker`: one process that does jobs, and serves its probes and metrics.

On SIGTERM: receive nothing more at once; finish the jobs in flight within SHUTDOWN_GRACE_SECONDS and hand back the
others; exit 0. Nobody sends it traffic, so it need not wait for balancers as `serve` does.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from fastapi import FastAPI

from app.database import Database
from app.jobs.crew import Crew
from app.jobs.handlers import HANDLERS, Handler
from app.jobs.watch import QueueWatch
from app.lifecycle import Lifecycle
from app.middleware.head import HeadAsGet
from app.middleware.request_id import RequestId
from app.middleware.response_headers import ResponseHeaders
from app.migrations.head import head
from app.readiness import Check, Readiness, in_order
from app.reliability.breaker import Breakers
from app.routes.circuit_breakers import circuit_breakers_router
from app.routes.health import health_router
from app.routes.metrics import metrics_router
from app.serve import DrainingServer, listen, server_config
from app.settings import Settings
from app.telemetry.job_metrics import JobMetrics
from app.telemetry.metrics import Metrics
from app.telemetry.tracing import Tracing

log = structlog.get_logger()


class WorkerReadiness(Readiness):
    """Ready: as the API, and the queue answers."""

    def __init__(self, database: Database, lifecycle: Lifecycle, head: str, watch: QueueWatch) -> None:
        super().__init__(database, lifecycle, head)
        self._watch = watch

    async def checks(self) -> dict[str, Check]:
        """Look now; the order of the result is the order to read it in."""
        started = self.started
        checks = {**await super().checks(), "queue": self._watch.check()}
        self.started = started or in_order(checks)
        return checks


class WorkerServer(DrainingServer):
    """Stops the crew's receiving as soon as the drain begins."""

    crew: Crew

    async def on_tick(self, counter: int) -> bool:
        """Look, ten times a second, whether it is time to stop."""
        if self._lifecycle.draining:
            self.crew.stop_receiving()
        return await super().on_tick(counter)


def create_worker(
    settings: Settings, lifecycle: Lifecycle | None = None, handlers: Mapping[str, Handler] = HANDLERS
) -> tuple[FastAPI, Crew]:
    """Return the application of a worker, whose lifespan is that of its crew, and the crew.

    Raises QueueSettingsError if the settings name no queue.
    """
    lifecycle = lifecycle or Lifecycle()
    breakers = Breakers(settings)
    tracing = Tracing(settings, "drydock-worker")
    database = Database(settings, breakers.new("database"), tracing)
    metrics = Metrics(database, settings.environment, breakers=breakers)
    crew = Crew(settings, database, breakers, metrics=JobMetrics(metrics.registry), handlers=handlers, tracing=tracing)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as parts:
            parts.push_async_callback(asyncio.to_thread, tracing.shutdown)
            await database.open()
            parts.push_async_callback(database.close)
            crew.start()
            parts.push_async_callback(crew.stop)
            yield

    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(HeadAsGet)
    app.add_middleware(ResponseHeaders, lifecycle=lifecycle)
    app.add_middleware(RequestId)
    readiness = WorkerReadiness(database, lifecycle, head(), crew.watch)
    app.include_router(health_router(readiness, lifecycle, settings.environment, breakers))
    app.include_router(metrics_router(metrics))
    app.include_router(circuit_breakers_router(breakers, database))
    return app, crew


def work(settings: Settings) -> None:
    """Do jobs until a signal ends it. Raises ListenError or QueueSettingsError if it cannot begin."""
    lifecycle = Lifecycle()
    app, crew = create_worker(settings, lifecycle)
    listener = listen(settings.host, settings.port)
    config = server_config(app, settings, lifecycle, grace_seconds=1)  # of probes, not of jobs
    host, port = listener.getsockname()[:2]
    log.info("listening", host=host, port=port, environment=settings.environment, role="worker")
    server = WorkerServer(config, lifecycle, drain_seconds=0)
    server.crew = crew
    server.run([listener])
    log.info("stopped")
