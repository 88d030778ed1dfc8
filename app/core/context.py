"""What the features of one process share, and what each feature adds to the process."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from app.core.health.readiness import LocalCheck, Readiness, RemoteCheck
from app.core.html.pages import Link
from app.core.http.middleware.observe import RequestRecorder
from app.core.lifecycle import Lifecycle
from app.core.postgres.database import Database
from app.core.postgres.metrics import PoolCollector
from app.core.resilience.breaker import Breakers
from app.core.resilience.metrics import BreakerCollector
from app.core.resilience.stale import StaleResponses
from app.settings import Settings
from app.telemetry.metrics import Metrics
from app.telemetry.tracing import Tracing


@dataclass(frozen=True, kw_only=True)
class Feature:
    """What a feature adds to a process; everything is optional."""

    routers: Sequence[APIRouter] = ()
    middleware: Sequence[Middleware] = ()
    """Runs within the deadline of a request and outside of authorization."""
    local_checks: Mapping[str, LocalCheck] = field(default_factory=dict)
    remote_checks: Mapping[str, RemoteCheck] = field(default_factory=dict)
    recorder: RequestRecorder | None = None
    """Receives the outcome of each request."""
    lifespan: Callable[[], AbstractAsyncContextManager[None]] | None = None
    """Runs from the start of the process to its end; the pool is open meanwhile."""


class AppContext:
    """What the features of one process share. Creating it opens no connection."""

    def __init__(self, settings: Settings, lifecycle: Lifecycle, *, service: str, head: str) -> None:
        """Create the parts of a process.

        Args:
            settings: the settings of the process.
            lifecycle: shared with the server, which starts the drain.
            service: name in traces.
            head: revision of the schema that this release needs.
        """
        self.settings = settings
        self.lifecycle = lifecycle
        self.breakers = Breakers(settings)
        self.tracing = Tracing(settings, service)
        self.database = Database(settings, self.breakers.new("database"), self.tracing)
        self.metrics = Metrics(settings.environment, (PoolCollector(self.database), BreakerCollector(self.breakers)))
        self.readiness = Readiness(self.database, lifecycle, head)
        self.stale = StaleResponses()
        self.links: list[Link] = []
        """Pages that every page links to; each feature adds its own."""

    @property
    def base_url(self) -> str:
        """Public URL of the API, without a trailing slash; "" if it is not set, and links are then paths."""
        return str(self.settings.api_base_url or "").rstrip("/")

    @property
    def separate_admin(self) -> bool:
        """True if the operators' paths have their own port."""
        return self.settings.admin_port is not None

    @asynccontextmanager
    async def running(self, features: Iterable[Feature]) -> AsyncIterator[None]:
        """Run the process for the block. Parts stop in reverse order, also if one fails to start."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, self.tracing.shutdown)
            await self.database.open()
            stack.push_async_callback(self.database.close)
            for feature in features:
                if feature.lifespan is not None:
                    await stack.enter_async_context(feature.lifespan())
            yield

    def create_app(self, features: Sequence[Feature], application: type[FastAPI] = FastAPI, **options: Any) -> FastAPI:
        """Return an application with the routes and checks of the features; its lifespan is theirs."""

        @asynccontextmanager
        async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
            async with self.running(features):
                yield

        app = application(lifespan=lifespan, docs_url=None, redoc_url=None, **options)
        for feature in features:
            self.readiness.add(feature.local_checks, feature.remote_checks)
            for router in feature.routers:
                # Not by include_router, which keeps a router within the router and matches every request twice.
                app.router.routes.extend(router.routes)
        return app
