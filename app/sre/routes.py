"""`/sre`: the state of the service, for people and programs. Every response is a 200, without a database too."""

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from app.core.html.pages import Pages
from app.core.http.json_response import json_response
from app.sre.page import page
from app.sre.schemas import AlertsDoc, CapacityDoc, DashboardDoc, HealthDoc, MetricsDoc
from app.sre.sre import Sre


def sre_router(sre: Sre, pages: Pages) -> APIRouter:
    """Return the routes; `/sre/circuit-breakers` is in circuit_breakers.py."""
    router = APIRouter(prefix="/sre", tags=["sre"])

    @router.get("/dashboard", response_model=DashboardDoc)
    async def dashboard() -> Response:
        """Everything below in one response, with service levels and jobs."""
        return json_response(await sre.dashboard())

    @router.get("/dashboard-ui", response_class=HTMLResponse)
    async def dashboard_page() -> Response:
        """Return the same as an HTML page."""
        return page(pages, await sre.dashboard())

    @router.get("/health", response_model=HealthDoc)
    async def health() -> Response:
        """Return the overall state and its reasons."""
        return json_response(await sre.health())

    @router.get("/metrics", response_model=MetricsDoc)
    async def metrics() -> Response:
        """Rates, errors and latency of all replicas together."""
        return json_response(await sre.metrics())

    @router.get("/capacity", response_model=CapacityDoc)
    async def capacity() -> Response:
        """Utilisation, growth, days until each limit, and the recommended number of replicas."""
        return json_response(await sre.capacity())

    @router.get("/alerts", response_model=AlertsDoc)
    async def alerts() -> Response:
        """Current alerts, the most severe first."""
        return json_response(await sre.alerts())

    return router
