"""Notifications to the external dependency."""

from collections.abc import Mapping
from typing import Any

from app.core.resilience.breaker import Breaker
from app.upstream.client import UpstreamClient, UpstreamUnavailableError


class Notifier:
    """POSTs notifications, behind a circuit breaker."""

    def __init__(self, client: UpstreamClient, breaker: Breaker) -> None:
        self._client = client
        self._breaker = breaker

    async def send(
        self,
        payload: Mapping[str, Any],
        idempotency_key: str,
        *,
        request_id: str | None = None,
        traceparent: str | None = None,
    ) -> int:
        """Send one notification and return the status of the response, a 2xx; the ids are passed on.

        Raises UpstreamUnavailableError, UpstreamRefusedError, or BreakerOpenError without a call.
        """
        headers = {"Idempotency-Key": idempotency_key, "X-Request-ID": request_id, "traceparent": traceparent}
        async with (
            self._breaker.call(counts=(UpstreamUnavailableError,)),
            self._client.call("POST", headers, json=dict(payload)) as response,
        ):
            await response.aread()  # so that the connection can be used again
            return response.status_code

    async def close(self) -> None:
        """Close its connections."""
        await self._client.close()
