"""`/sre`: how the service is, for people and programs. Every answer is a 200, also while the database is away."""

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from app.answers import json_answer
from app.sre.schemas import AlertsDoc, CapacityDoc, DashboardDoc, HealthDoc, MetricsDoc
from app.sre.sre import Sre


def sre_router(sre: Sre, *, separate_admin: bool = False) -> APIRouter:
    """Return the routes; `separate_admin`: they are on a port of their own, without the other pages.

    `/sre/circuit-breakers` is in circuit_breakers.py.
    """
    router = APIRouter(prefix="/sre", tags=["sre"])

    @router.get("/dashboard", response_model=DashboardDoc)
    async def dashboard() -> Response:
        """Everything below in one answer, service levels and jobs included."""
        return json_answer(await sre.dashboard())

    @router.get("/dashboard-ui", response_class=HTMLResponse)
    async def dashboard_page() -> Response:
        """The same for people."""
        # Jinja is loaded with the first page: an API that shows none does not pay for it.
        from app.sre.page import page  # noqa: PLC0415

        return page(await sre.dashboard(), separate_admin=separate_admin)

    @router.get("/health", response_model=HealthDoc)
    async def health() -> Response:
        """The state in one word, and why."""
        return json_answer(await sre.health())

    @router.get("/metrics", response_model=MetricsDoc)
    async def metrics() -> Response:
        """Rates, errors and latency of all replicas together."""
        return json_answer(await sre.metrics())

    @router.get("/capacity", response_model=CapacityDoc)
    async def capacity() -> Response:
        """Utilisation, growth, days until each limit, and how many replicas to run."""
        return json_answer(await sre.capacity())

    @router.get("/alerts", response_model=AlertsDoc)
    async def alerts() -> Response:
        """What somebody should look at, the worst first."""
        return json_answer(await sre.alerts())

    return router
