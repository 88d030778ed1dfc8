"""Probes and metrics of every process."""

from app.core.context import AppContext, Feature
from app.health.metrics import metrics_router
from app.health.routes import health_router


def health(context: AppContext) -> Feature:
    """Return the routes of the probes and of the metrics."""
    environment = context.settings.environment
    probes = health_router(context.readiness, context.lifecycle, environment, context.breakers)
    return Feature(routers=[probes, metrics_router(context.metrics)])
