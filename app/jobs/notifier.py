"""Notifications to the external service at UPSTREAM_URL."""

import asyncio
from collections.abc import Mapping
from typing import Any

from app.reliability.breaker import Breaker
from app.settings import Settings


class UpstreamAwayError(Exception):
    """The service did not answer in time, or with a 5xx."""


class UpstreamRefusedError(Exception):
    """The service answered that it will not take the notification."""


class Notifier:
    """POSTs notifications, behind a circuit breaker and within UPSTREAM_TIMEOUT_SECONDS."""

    def __init__(self, settings: Settings, breaker: Breaker) -> None:
        import httpx  # noqa: PLC0415 (heavy, and without an upstream not needed)

        self._url = str(settings.upstream_url)
        self._breaker = breaker
        self._seconds = settings.upstream_timeout_seconds
        self._away = (httpx.HTTPError, TimeoutError)
        # httpx limits each read and write, which may be many: the whole call is limited where it is made.
        self._client = httpx.AsyncClient(timeout=None, follow_redirects=False)  # noqa: S113

    async def send(
        self,
        payload: Mapping[str, Any],
        idempotency_key: str,
        *,
        request_id: str | None = None,
        traceparent: str | None = None,
    ) -> int:
        """Send one notification and return the status of the answer, a 2xx; the ids are passed on.

        Raises UpstreamAwayError, UpstreamRefusedError, or BreakerOpenError without a call.
        """
        passed_on = {"X-Request-ID": request_id, "traceparent": traceparent}
        headers = {"Idempotency-Key": idempotency_key} | {name: value for name, value in passed_on.items() if value}
        async with self._breaker.call(counts=(UpstreamAwayError,)):
            try:
                async with asyncio.timeout(self._seconds):
                    response = await self._client.post(self._url, json=dict(payload), headers=headers)
            except self._away as error:
                raise UpstreamAwayError(f"no answer: {type(error).__name__}") from None
            if response.status_code >= 500:
                raise UpstreamAwayError(f"it answered {response.status_code}")
            if not response.is_success:
                raise UpstreamRefusedError(f"it answered {response.status_code}")
            return response.status_code

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()
