"""What the routes of one process of the API share, and how long it lives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from app.background import background
from app.database import Database
from app.faults.faults import Faults
from app.idempotency import purge_idempotency_keys
from app.jobs.loops import forever
from app.lifecycle import Lifecycle
from app.migrations.head import head
from app.readiness import Readiness
from app.reliability.breaker import Breakers
from app.settings import Settings
from app.sre.wiring import new_recorder
from app.telemetry.metrics import Metrics
from app.telemetry.tracing import Tracing
from app.upstream import Upstream

HOUSEKEEPING_SECONDS = 600.0


class Parts:
    """Made without a connection to anything; `running` is their life."""

    def __init__(self, settings: Settings, lifecycle: Lifecycle) -> None:
        self.lifecycle = lifecycle
        self.breakers = Breakers(settings)
        self.tracing = Tracing(settings, "drydock")
        self.database = Database(settings, self.breakers.new("database"), self.tracing)
        self.upstream: Upstream | None = None
        if settings.upstream_url is not None:
            breaker = self.breakers.new("upstream")
            self.upstream = Upstream(settings, breaker, traceparent=self.tracing.traceparent)
        self.metrics = Metrics(self.database, settings.environment, breakers=self.breakers)
        self.faults = Faults()
        has_queue = settings.queue_url is not None
        self.readiness = Readiness(self.database, lifecycle, head(), has_queue=has_queue, faults=self.faults)
        self.recorder = new_recorder(self.database, self.breakers, settings, lambda: self.metrics.in_flight)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hold them open for the block. What began first ends last, also where something in between fails."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, self.tracing.shutdown)
            await self.database.open()
            stack.push_async_callback(self.database.close)
            if self.upstream is not None:
                stack.push_async_callback(self.upstream.close)
            stack.push_async_callback(self.recorder.close)
            await stack.enter_async_context(background(self.recorder.run()))
            await stack.enter_async_context(background(forever("housekeeping", partial(_keep_house, self.database))))
            yield


async def _keep_house(database: Database) -> float:
    await asyncio.sleep(HOUSEKEEPING_SECONDS)  # first: nothing is due when a process begins
    await purge_idempotency_keys(database)
    return 0
