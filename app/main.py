"""The application: what serves which path, and with what."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app import __version__
from app.admin import PortSplit
from app.faults.inject import InjectFaults
from app.faults.router import faults_router
from app.lifecycle import Lifecycle
from app.middleware.body_limit import BodyLimit
from app.middleware.deadline import Deadline
from app.middleware.head import HeadAsGet
from app.middleware.load_shedding import LoadShedding
from app.middleware.observe import Observe
from app.middleware.rate_limit import RateLimit
from app.middleware.request_id import RequestId
from app.middleware.response_headers import ResponseHeaders
from app.parts import Parts
from app.problems import ProblemApi, add_problem_handlers
from app.routes.api_docs import api_docs_router
from app.routes.circuit_breakers import circuit_breakers_router
from app.routes.health import health_router
from app.routes.items import items_router
from app.routes.jobs import jobs_router
from app.routes.metrics import metrics_router
from app.routes.pages import pages_router
from app.routes.sre import sre_router
from app.routes.upstream import upstream_router
from app.routes.users import users_router
from app.security.auth import Auth
from app.security.bearer import BearerAuth, check_write_scopes, document_bearer
from app.settings import Settings
from app.sre.wiring import new_sre
from app.stale import StaleAnswers
from app.store.table import ITEMS, USERS, Table
from app.web.static import static_router


def create_app(settings: Settings, lifecycle: Lifecycle | None = None) -> FastAPI:
    """Return the application; its lifespan opens and closes the pool.

    `lifecycle` is what the server tells of the drain; left out: it never drains.
    """
    parts = Parts(settings, lifecycle or Lifecycle())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with parts.running():
            yield

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
    _add_middleware(app, settings, parts)
    add_problem_handlers(app)
    _add_routes(app, settings, parts)
    check_write_scopes(app.routes)  # also where tokens are off: whoever adds a route should see it at once
    return app


def _add_middleware(app: FastAPI, settings: Settings, parts: Parts) -> None:
    # The last one added is the first to see a request.
    app.add_middleware(HeadAsGet)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    if settings.auth_jwks_url is not None:
        app.add_middleware(BearerAuth, auth=Auth(settings))
        document_bearer(app)
    if settings.fault_token is not None:
        app.add_middleware(InjectFaults, faults=parts.faults)
    app.add_middleware(Deadline, seconds=settings.request_timeout_seconds)
    app.add_middleware(LoadShedding, max_in_flight=settings.max_in_flight)
    if settings.rate_limit_per_second:
        app.add_middleware(
            RateLimit,
            per_second=settings.rate_limit_per_second,
            burst=settings.rate_limit_burst,
            trusted_proxies=settings.trusted_proxy_cidrs,
        )
    if settings.admin_port is not None:
        app.add_middleware(PortSplit, admin_port=settings.admin_port)
    app.add_middleware(Observe, metrics=parts.metrics, tracing=parts.tracing, recorder=parts.recorder)
    app.add_middleware(ResponseHeaders, lifecycle=parts.lifecycle)
    app.add_middleware(RequestId)


def _add_routes(app: FastAPI, settings: Settings, parts: Parts) -> None:
    base_url = str(settings.api_base_url).rstrip("/") if settings.api_base_url else ""
    stale = StaleAnswers()
    users = Table(parts.database, USERS)
    sre = new_sre(parts.database, parts.recorder, parts.readiness, parts.lifecycle, settings)
    routers = (  # in the order of their load: a request is held against one route after the other
        items_router(Table(parts.database, ITEMS), base_url, stale),
        users_router(users, base_url, stale),
        jobs_router(parts.database, settings, base_url, parts.tracing),
        upstream_router(parts.upstream),
        pages_router(users, settings),
        health_router(parts.readiness, parts.lifecycle, settings.environment, parts.breakers),
        metrics_router(parts.metrics),
        circuit_breakers_router(parts.breakers, parts.database),
        sre_router(sre, separate_admin=settings.admin_port is not None),
        faults_router(parts.faults, settings),
        api_docs_router(settings),
        static_router(),
    )
    for router in routers:
        # Not by include_router, which keeps a router within the router and matches every request twice.
        app.router.routes.extend(router.routes)
