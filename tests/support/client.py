"""A client of the application in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from app.api import create_app
from app.core.lifecycle import Lifecycle
from app.settings import Settings


@asynccontextmanager
async def client_of(settings: Settings, lifecycle: Lifecycle | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of an application with these settings and an open connection pool."""
    app = create_app(settings, lifecycle)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            yield client


async def until_ready(client: httpx.AsyncClient, attempts: int = 400) -> None:
    """Wait until `/health/ready` answers 200, as a load balancer does before it sends requests.

    Before that, the pool may have no connection, and the first query can time out on a busy machine.
    """
    for _ in range(attempts):
        response = await client.get("/health/ready")
        if response.status_code == 200:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"not ready: {response.text}")
