"""A client of the application in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from app.lifecycle import Lifecycle
from app.main import create_app
from app.settings import Settings


@asynccontextmanager
async def client_of(settings: Settings, lifecycle: Lifecycle | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of an application with these settings, its pool open meanwhile."""
    app = create_app(settings, lifecycle)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            yield client
