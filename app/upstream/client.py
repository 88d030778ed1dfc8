"""The HTTP client of the external dependency: one call within its timeout, and what its failure means."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from app.settings import Settings

if TYPE_CHECKING:
    import httpx

MAX_CALLS_AT_ONCE = 20


class UpstreamUnavailableError(Exception):
    """The dependency did not answer in time, or with a 5xx."""


class UpstreamRefusedError(Exception):
    """The dependency answered, but did not accept the request."""


class UpstreamClient:
    """Calls UPSTREAM_URL within UPSTREAM_TIMEOUT_SECONDS. `transport` replaces the network in tests."""

    def __init__(self, settings: Settings, transport: "httpx.AsyncBaseTransport | None" = None) -> None:
        self._url = str(settings.upstream_url)
        self._seconds = settings.upstream_timeout_seconds
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    @asynccontextmanager
    async def call(
        self, method: str, headers: Mapping[str, str | None], json: Any = None
    ) -> AsyncIterator["httpx.Response"]:
        """Yield the response, a 2xx, whose body the block reads; headers that are None are left out.

        Raises UpstreamUnavailableError or UpstreamRefusedError.
        """
        import httpx  # noqa: PLC0415 (slow to import, and not needed without an upstream)

        if self._client is None:
            # httpx limits each read and write, of which there may be many. The timeout below covers the whole call.
            limits = httpx.Limits(max_connections=MAX_CALLS_AT_ONCE)
            self._client = httpx.AsyncClient(timeout=None, limits=limits, transport=self._transport)  # noqa: S113
        given = {name: value for name, value in headers.items() if value}
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._client.stream(method, self._url, headers=given, json=json) as response,
            ):
                if response.status_code >= 500:
                    raise UpstreamUnavailableError(f"it returned {response.status_code}")
                if not response.is_success:
                    raise UpstreamRefusedError(f"it returned {response.status_code}")
                yield response
        except (httpx.HTTPError, TimeoutError) as error:
            raise UpstreamUnavailableError(f"no response: {type(error).__name__}") from None

    async def close(self) -> None:
        """Close its connections."""
        if self._client is not None:
            await self._client.aclose()
