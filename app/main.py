"""The application: what serves which path, and with what."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from app import __version__
from app.database import Database
from app.idempotency import purge_idempotency_keys
from app.jobs.loops import forever
from app.lifecycle import Lifecycle
from app.middleware.body_limit import BodyLimit
from app.middleware.deadline import Deadline
from app.middleware.load_shedding import LoadShedding
from app.middleware.observe import Observe
from app.middleware.rate_limit import RateLimit
from app.middleware.request_id import RequestId
from app.middleware.response_headers import ResponseHeaders
from app.migrations.head import head
from app.problems import ProblemApi, add_problem_handlers
from app.readiness import Readiness
from app.reliability.breaker import Breakers
from app.routes.circuit_breakers import circuit_breakers_router
from app.routes.health import health_router
from app.routes.items import items_router
from app.routes.jobs import jobs_router
from app.routes.metrics import metrics_router
from app.routes.users import users_router
from app.settings import Settings
from app.stale import StaleAnswers
from app.store.table import ITEMS, USERS, Table
from app.telemetry.metrics import Metrics

HOUSEKEEPING_SECONDS = 600.0


def create_app(settings: Settings, lifecycle: Lifecycle | None = None) -> FastAPI:
    """Return the application; its lifespan opens and closes the pool.

    `lifecycle` is what the server tells of the drain; left out: it never drains.
    """
    lifecycle = lifecycle or Lifecycle()
    breakers = Breakers(settings)
    database = Database(settings, breakers.new("database"))
    metrics = Metrics(database, settings.environment)
    readiness = Readiness(database, lifecycle, head())
    base_url = str(settings.api_base_url).rstrip("/") if settings.api_base_url else ""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await database.open()
        housekeeping = asyncio.create_task(forever("housekeeping", partial(_keep_house, database)))
        yield
        housekeeping.cancel()
        await asyncio.gather(housekeeping, return_exceptions=True)
        await database.close()

    app = ProblemApi(
        title="Drydock service",
        version=__version__,
        lifespan=lifespan,
        # The pages of both load scripts from elsewhere, which the content security policy forbids.
        docs_url=None,
        redirect_slashes=False,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # ours are in Observe
    )
    # The last one added is the first to see a request.
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(Deadline, seconds=settings.request_timeout_seconds)
    app.add_middleware(LoadShedding, max_in_flight=settings.max_in_flight)
    if settings.rate_limit_per_second:
        app.add_middleware(
            RateLimit,
            per_second=settings.rate_limit_per_second,
            burst=settings.rate_limit_burst,
            trusted_proxies=settings.trusted_proxies,
        )
    app.add_middleware(Observe, metrics=metrics)
    app.add_middleware(ResponseHeaders, lifecycle=lifecycle)
    app.add_middleware(RequestId)
    add_problem_handlers(app)
    # In the order of their load: a request is held against one router after the other.
    stale = StaleAnswers()
    app.include_router(items_router(Table(database, ITEMS), base_url, stale))
    app.include_router(users_router(Table(database, USERS), base_url, stale))
    app.include_router(jobs_router(database, settings, base_url))
    app.include_router(health_router(readiness, lifecycle, settings.environment))
    app.include_router(metrics_router(metrics))
    app.include_router(circuit_breakers_router(breakers, database))
    return app


async def _keep_house(database: Database) -> float:
    await asyncio.sleep(HOUSEKEEPING_SECONDS)  # first: nothing is due when a process begins
    await purge_idempotency_keys(database)
    return 0
