"""The feature `sre`: service levels, alerts and capacity in the API; records and reports in every process."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from app.core.context import AppContext, Feature
from app.core.html.pages import Link, Pages
from app.core.resilience.background import background
from app.sre.cache import FigureCache
from app.sre.circuit_breakers import circuit_breakers_router
from app.sre.page import PAGE
from app.sre.records import Recorder
from app.sre.report import ProcessReport
from app.sre.routes import sre_router
from app.sre.sre import Sre


def sre(context: AppContext) -> Feature:
    """Return the feature of the API."""
    settings = context.settings
    report = ProcessReport(
        "serve",
        context.breakers,
        context.database.pool_stats,
        requests=lambda: recorder.recorded,
        in_flight=lambda: context.metrics.in_flight,
        max_in_flight=settings.max_in_flight,
    )
    recorder = Recorder(context.database, report)
    service_levels = Sre(
        cache=FigureCache(context.database, recorder.unsaved),
        recorder=recorder,
        readiness=context.readiness,
        lifecycle=context.lifecycle,
        environment=settings.environment,
    )
    pages = Pages(Path(__file__).parent, context.links, separate_admin=context.separate_admin)
    context.links.append(Link(PAGE, "Reliability", "/sre/dashboard-ui", admin=True))
    return Feature(
        routers=[
            circuit_breakers_router(context.breakers, context.database),
            sre_router(service_levels, pages),
            pages.static.router(),
        ],
        recorder=recorder,
        lifespan=partial(_recording, recorder),
    )


def sre_of_worker(
    context: AppContext, in_flight: Callable[[], int], max_in_flight: int, more: Callable[[], dict[str, Any]]
) -> Feature:
    """Return the feature of a worker: its report, and its circuit breakers; `more` is added to the report."""
    report = ProcessReport(
        "worker",
        context.breakers,
        context.database.pool_stats,
        requests=lambda: 0,  # it serves none
        in_flight=in_flight,
        max_in_flight=max_in_flight,
        more=more,
    )
    recorder = Recorder(context.database, report, role="worker")
    return Feature(
        routers=[circuit_breakers_router(context.breakers, context.database)],
        lifespan=partial(_recording, recorder),
    )


@asynccontextmanager
async def _recording(recorder: Recorder) -> AsyncIterator[None]:
    try:
        async with background(recorder.run()):
            yield
    finally:
        await recorder.close()
