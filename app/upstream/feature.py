"""The feature `upstream`: reads for clients in the API, notifications in the worker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.core.context import AppContext, Feature
from app.upstream.client import UpstreamClient
from app.upstream.notifier import Notifier
from app.upstream.reader import UpstreamReader
from app.upstream.routes import upstream_router


def upstream(context: AppContext) -> Feature:
    """Return the feature of the API; without UPSTREAM_URL its route returns 404."""
    if context.settings.upstream_url is None:
        return Feature(routers=[upstream_router(None)])
    reader = UpstreamReader(
        UpstreamClient(context.settings),
        context.breakers.new("upstream"),
        context.settings,
        context.tracing.traceparent,
    )

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        try:
            yield
        finally:
            await reader.close()

    return Feature(routers=[upstream_router(reader)], lifespan=lifespan)


def new_notifier(context: AppContext) -> Notifier | None:
    """Return what sends the notifications of jobs; None without UPSTREAM_URL. The caller closes it."""
    if context.settings.upstream_url is None:
        return None
    return Notifier(UpstreamClient(context.settings), context.breakers.new("upstream"))
