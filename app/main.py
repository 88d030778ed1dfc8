"""The application: what serves which path, and with what."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app import __version__
from app.database import Database
from app.lifecycle import Lifecycle
from app.metrics import Metrics
from app.middleware.body_limit import BodyLimit
from app.middleware.observe import Observe
from app.middleware.request_id import RequestId
from app.middleware.response_headers import ResponseHeaders
from app.migrations.head import head
from app.problems import ProblemApi, add_problem_handlers
from app.readiness import Readiness
from app.routes.health import health_router
from app.routes.items import items_router
from app.routes.metrics import metrics_router
from app.routes.users import users_router
from app.settings import Settings
from app.store.table import ITEMS, USERS, Table


def create_app(settings: Settings, lifecycle: Lifecycle | None = None) -> FastAPI:
    """Return the application; its lifespan opens and closes the pool.

    `lifecycle` is what the server tells of the drain; left out: it never drains.
    """
    lifecycle = lifecycle or Lifecycle()
    database = Database(settings)
    metrics = Metrics(database, settings.environment)
    readiness = Readiness(database, lifecycle, head())
    base_url = str(settings.api_base_url).rstrip("/") if settings.api_base_url else ""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await database.open()
        yield
        await database.close()

    app = ProblemApi(
        title="Drydock service",
        version=__version__,
        lifespan=lifespan,
        # The pages of both load scripts from elsewhere, which the content security policy forbids.
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # ours are in Observe
    )
    # The last one added is the first to see a request.
    app.add_middleware(BodyLimit)
    app.add_middleware(Observe, metrics=metrics)
    app.add_middleware(ResponseHeaders, lifecycle=lifecycle)
    app.add_middleware(RequestId)
    add_problem_handlers(app)
    app.include_router(health_router(readiness, lifecycle, settings.environment))
    app.include_router(metrics_router(metrics))
    app.include_router(items_router(Table(database, ITEMS), base_url))
    app.include_router(users_router(Table(database, USERS), base_url))
    return app
