"""The API process: its features, its middleware and `serve`.

A feature is removed by deleting its folder, its import and its line in FEATURES.
"""

import gc
from collections.abc import Callable, Sequence
from functools import partial

import structlog
from fastapi import FastAPI

from app import __version__
from app.core.context import AppContext, Feature
from app.core.html.static import SHARED
from app.core.http.access import WriteAccess, check_write_scopes
from app.core.http.middleware.body_limit import BodyLimit
from app.core.http.middleware.deadline import Deadline
from app.core.http.middleware.head import HeadAsGet
from app.core.http.middleware.load_shedding import LoadShedding
from app.core.http.middleware.observe import Observe
from app.core.http.middleware.port_split import PortSplit
from app.core.http.middleware.rate_limit import RateLimit
from app.core.http.middleware.request_id import RequestId
from app.core.http.middleware.response_headers import ResponseHeaders
from app.core.http.problem_docs import ProblemApi
from app.core.http.problems import add_problem_handlers
from app.core.lifecycle import Lifecycle
from app.core.process.server import DrainingServer, listen, server_config
from app.faults.feature import faults
from app.health.feature import health
from app.items.feature import items
from app.jobs.feature import jobs
from app.migrations.head import head
from app.resources.idempotency import purging
from app.security.auth import Auth
from app.security.bearer import BearerAuth, document_bearer
from app.settings import Settings
from app.sre.feature import sre
from app.upstream.feature import upstream
from app.users.feature import users
from app.users.routes import USERS, UserBody
from app.web.feature import web

FEATURES: Sequence[Callable[[AppContext], Feature]] = (
    # By load, the highest first: a request is matched against one route after the other.
    items,
    users,
    jobs,
    upstream,
    partial(web, users=USERS, user=UserBody),
    health,
    sre,
    faults,
)

log = structlog.get_logger()


def create_app(
    settings: Settings,
    lifecycle: Lifecycle | None = None,
    features: Sequence[Callable[[AppContext], Feature]] = FEATURES,
) -> FastAPI:
    """Return the application; its lifespan opens and closes the pool.

    `lifecycle` is shared with the server, which starts the drain; without one it never drains.
    Raises MissingScopeError if a route that writes declares no scope.
    """
    context = AppContext(settings, lifecycle or Lifecycle(), service="drydock", head=head())
    created = [feature(context) for feature in features]
    created.append(Feature(routers=[SHARED.router()], lifespan=partial(purging, context.database)))
    app = context.create_app(
        created,
        ProblemApi,
        title="Drydock service",
        version=__version__,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # the Observe middleware does that
    )
    check_write_scopes(app.routes)  # also when tokens are off, so that a missing scope is found early
    _add_middleware(app, context, created)
    add_problem_handlers(app)
    return app


def _add_middleware(app: FastAPI, context: AppContext, features: Sequence[Feature]) -> None:
    # The last one added is the first to see a request.
    settings = context.settings
    app.add_middleware(HeadAsGet)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    if settings.auth_jwks_url is not None:
        app.add_middleware(BearerAuth, auth=Auth(settings), access=WriteAccess(app.routes))
        document_bearer(app)
    app.user_middleware[:0] = [middleware for feature in features for middleware in feature.middleware]
    app.add_middleware(Deadline, seconds=settings.request_timeout_seconds)
    app.add_middleware(LoadShedding, max_in_flight=settings.max_in_flight)
    if settings.rate_limit_per_second:
        app.add_middleware(
            RateLimit,
            per_second=settings.rate_limit_per_second,
            burst=settings.rate_limit_burst,
            trusted_proxies=settings.trusted_proxy_cidrs,
            hops=settings.trusted_hops,
        )
    if settings.admin_port is not None:
        app.add_middleware(PortSplit, admin_port=settings.admin_port)
    recorder = next((feature.recorder for feature in features if feature.recorder is not None), None)
    app.add_middleware(Observe, metrics=context.metrics, tracing=context.tracing, recorder=recorder)
    app.add_middleware(ResponseHeaders, lifecycle=context.lifecycle, trusted_proxies=settings.trusted_proxy_cidrs)
    app.add_middleware(RequestId)


def serve(settings: Settings) -> None:
    """Serve until a signal ends it. Raises ListenError if it cannot listen."""
    listeners = [listen(settings.host, settings.port)]
    if settings.admin_port is not None:
        listeners.append(listen(settings.host, settings.admin_port, "ADMIN_PORT"))
        # One server has both listeners, so they drain together. The application needs the real port, also for port 0.
        settings = settings.model_copy(update={"admin_port": listeners[1].getsockname()[1]})
    lifecycle = Lifecycle()
    config = server_config(create_app(settings, lifecycle), settings, lifecycle, settings.shutdown_grace_seconds)
    host, port = listeners[0].getsockname()[:2]
    admin = {"admin_port": settings.admin_port} if settings.admin_port is not None else {}
    log.info("listening", host=host, port=port, environment=settings.environment, **admin)
    # The objects that exist by now are never freed. Without this the garbage collector scanned them again and again,
    # which took a quarter of the time of a read, and half of the time of the slowest percent.
    gc.collect()
    gc.freeze()
    DrainingServer(config, lifecycle, settings.drain_seconds).run(listeners)
    log.info("stopped")
