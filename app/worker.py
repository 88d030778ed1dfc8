"""The worker process: it runs jobs, and serves its probes and metrics.

On SIGTERM it stops receiving, finishes the running jobs within SHUTDOWN_GRACE_SECONDS, hands back the others and exits
with 0. It gets no traffic, so it needs no drain as `serve` does.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI

from app.core.context import AppContext, Feature
from app.core.http.middleware.head import HeadAsGet
from app.core.http.middleware.request_id import RequestId
from app.core.http.middleware.response_headers import ResponseHeaders
from app.core.lifecycle import Lifecycle
from app.core.process.server import DrainingServer, listen, server_config
from app.health.feature import health
from app.jobs.engine import JobEngine
from app.jobs.handlers import HANDLERS, Handler
from app.jobs.metrics import JobMetrics
from app.migrations.head import head
from app.settings import Settings
from app.sre.feature import sre_of_worker
from app.upstream.feature import new_notifier
from app.upstream.notifier import Notifier

log = structlog.get_logger()


class WorkerServer(DrainingServer):
    """Stops receiving as soon as the drain begins."""

    engine: JobEngine

    async def on_tick(self, counter: int) -> bool:
        """Check, ten times a second, whether to stop."""
        if self._lifecycle.draining:
            self.engine.stop_receiving()
        return await super().on_tick(counter)


def create_worker(
    settings: Settings, lifecycle: Lifecycle | None = None, handlers: Mapping[str, Handler] = HANDLERS
) -> tuple[FastAPI, JobEngine]:
    """Return the application of a worker, whose lifespan runs the engine, and the engine.

    Raises QueueSettingsError if the settings name no queue, or no region.
    """
    context = AppContext(settings, lifecycle or Lifecycle(), service="drydock-worker", head=head())
    metrics = JobMetrics(context.metrics.registry)
    breaker = context.breakers.new("queue")
    notifier = new_notifier(context)
    engine = JobEngine(
        settings,
        context.database,
        breaker,
        metrics=metrics,
        handlers=handlers,
        notifier=notifier,
        tracing=context.tracing,
    )
    features = (
        Feature(lifespan=lambda: _closing(notifier)),
        health(context),
        sre_of_worker(context, lambda: engine.in_flight, engine.concurrency, engine.queue_report),
        Feature(remote_checks={"queue": engine.check_queue}, lifespan=engine.running),
    )
    app = context.create_app(features, openapi_url=None)
    app.add_middleware(HeadAsGet)
    app.add_middleware(ResponseHeaders, lifecycle=context.lifecycle)
    app.add_middleware(RequestId)
    return app, engine


@asynccontextmanager
async def _closing(notifier: Notifier | None) -> AsyncIterator[None]:
    try:
        yield
    finally:
        if notifier is not None:
            await notifier.close()


def work(settings: Settings) -> None:
    """Run jobs until a signal ends it. Raises ListenError or QueueSettingsError if it cannot start."""
    lifecycle = Lifecycle()
    app, engine = create_worker(settings, lifecycle)
    listener = listen(settings.host, settings.port)
    config = server_config(app, settings, lifecycle, grace_seconds=1)  # of probes, not of jobs
    host, port = listener.getsockname()[:2]
    log.info("listening", host=host, port=port, environment=settings.environment, role="worker")
    server = WorkerServer(config, lifecycle, drain_seconds=0)
    server.engine = engine
    server.run([listener])
    log.info("stopped")
