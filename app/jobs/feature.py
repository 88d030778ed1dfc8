"""The feature `jobs` of the API: submit jobs and read their state. `app/worker.py` runs them."""

from app.core.context import AppContext, Feature
from app.jobs.queue_check import queue_check
from app.jobs.routes import jobs_router


def jobs(context: AppContext) -> Feature:
    """Return the feature of the API."""
    settings = context.settings
    return Feature(
        routers=[jobs_router(context.database, settings, context.base_url, context.tracing)],
        remote_checks={"queue": queue_check(context.database, has_queue=settings.queue_url is not None)},
    )
