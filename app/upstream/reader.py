"""Reads of the external dependency, behind a circuit breaker. The last good response is kept."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from app.core.resilience.breaker import Breaker, BreakerOpenError
from app.settings import Settings
from app.upstream.client import UpstreamClient, UpstreamRefusedError, UpstreamUnavailableError

if TYPE_CHECKING:
    import httpx

MAX_BYTES = 1_048_576  # of a response; a longer one is refused
ATTEMPTS = 2
FIRST_PAUSE_SECONDS = 0.05
JITTER_SECONDS = 0.1
SHARE_OF_REQUEST = 0.8  # of the time for a request; the rest is for the degraded response

UPSTREAM_UNAVAILABLE = (UpstreamUnavailableError, UpstreamRefusedError, BreakerOpenError)
"""Raised by `UpstreamReader.read` if there is no response, and no earlier one."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A response of the dependency, and when it was received."""

    data: Any
    as_of: datetime
    degraded: bool = False
    """True: the dependency is unavailable, and this is its last good response."""

    def age_seconds(self, now: datetime) -> float:
        """Return how old it is."""
        return max(0.0, (now - self.as_of).total_seconds())


class UpstreamReader:
    """GETs JSON from the dependency, at most ATTEMPTS times and within the time for a request.

    `traceparent` returns the trace that the call belongs to.
    """

    def __init__(
        self,
        client: UpstreamClient,
        breaker: Breaker,
        settings: Settings,
        traceparent: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._client = client
        self._breaker = breaker
        self._total_seconds = settings.request_timeout_seconds * SHARE_OF_REQUEST
        self._traceparent = traceparent
        self._last: Reading | None = None

    async def read(self) -> Reading:
        """Return the current response of the dependency, else its last one, marked as degraded.

        Raises one of UPSTREAM_UNAVAILABLE if there never was a good response.
        """
        try:
            async with self._breaker.call(counts=(UpstreamUnavailableError,)):
                data = await self._fetch()
        except UPSTREAM_UNAVAILABLE as error:
            if not isinstance(error, BreakerOpenError):  # the breaker logs its changes
                log.warning("upstream unavailable", error=str(error))
            if self._last is None:
                raise
            return Reading(data=self._last.data, as_of=self._last.as_of, degraded=True)
        self._last = Reading(data=data, as_of=datetime.now(UTC))
        return self._last

    async def close(self) -> None:
        """Close its connections."""
        await self._client.close()

    async def _fetch(self) -> Any:
        import stamina  # noqa: PLC0415 (not needed without an upstream)

        data = None
        try:
            async with asyncio.timeout(self._total_seconds):
                async for attempt in stamina.retry_context(
                    on=UpstreamUnavailableError,
                    attempts=ATTEMPTS,
                    timeout=None,
                    wait_initial=FIRST_PAUSE_SECONDS,
                    wait_jitter=JITTER_SECONDS,
                ):
                    with attempt:
                        async with self._client.call("GET", self._headers()) as response:
                            data = _parsed(await _body(response))
        except TimeoutError:
            raise UpstreamUnavailableError("no response within the timeout of the request") from None
        return data

    def _headers(self) -> dict[str, str | None]:
        return {
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # a small compressed response could become a large one
            "X-Request-ID": structlog.contextvars.get_contextvars().get("request_id"),
            "traceparent": self._traceparent(),
        }


async def _body(response: "httpx.Response") -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_BYTES:
            raise UpstreamRefusedError(f"its response is longer than {MAX_BYTES} bytes")
    return bytes(body)


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise UpstreamRefusedError("its response is not JSON") from None
