"""The external HTTP dependency at UPSTREAM_URL: read behind a circuit breaker, its last good answer kept."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from app.jobs.notifier import UpstreamAwayError, UpstreamRefusedError
from app.reliability.breaker import Breaker, BreakerOpenError
from app.settings import Settings

if TYPE_CHECKING:
    import httpx

MAX_BYTES = 1_048_576  # of an answer; a longer one is refused
ATTEMPTS = 2
FIRST_PAUSE_SECONDS = 0.05
JITTER_SECONDS = 0.1
SHARE_OF_REQUEST = 0.8  # of a request's time; the rest is for the degraded answer
MAX_CALLS_AT_ONCE = 20

UPSTREAM_AWAY = (UpstreamAwayError, UpstreamRefusedError, BreakerOpenError)
"""What `Upstream.read` raises when there is neither an answer nor an earlier one."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the dependency said, and when."""

    data: Any
    as_of: datetime
    degraded: bool = False
    """True: it did not answer now, and this is its last good answer."""

    def age_seconds(self, now: datetime) -> float:
        """Return how old it is."""
        return max(0.0, (now - self.as_of).total_seconds())


class Upstream:
    """GETs JSON from one URL: at most twice, within UPSTREAM_TIMEOUT_SECONDS each and within the request's time.

    `traceparent` says what trace the call belongs to; `transport` stands in for the network in tests.
    """

    def __init__(
        self,
        settings: Settings,
        breaker: Breaker,
        *,
        traceparent: Callable[[], str | None] = lambda: None,
        transport: "httpx.AsyncBaseTransport | None" = None,
    ) -> None:
        self._url = str(settings.upstream_url)
        self._breaker = breaker
        self._seconds = settings.upstream_timeout_seconds
        self._total_seconds = settings.request_timeout_seconds * SHARE_OF_REQUEST
        self._traceparent = traceparent
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._last: Reading | None = None

    async def read(self) -> Reading:
        """Return what the dependency says now, else what it said last, marked as degraded.

        Raises one of UPSTREAM_AWAY if it never said anything.
        """
        try:
            async with self._breaker.call(counts=(UpstreamAwayError,)):
                data = await self._fetch()
        except UPSTREAM_AWAY as error:
            if not isinstance(error, BreakerOpenError):  # the breaker logs that itself, once
                log.warning("upstream away", error=str(error))
            if self._last is None:
                raise
            return Reading(data=self._last.data, as_of=self._last.as_of, degraded=True)
        self._last = Reading(data=data, as_of=datetime.now(UTC))
        return self._last

    async def close(self) -> None:
        """Close its connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _fetch(self) -> Any:
        import stamina  # noqa: PLC0415 (without an upstream not needed)

        data = None
        try:
            async with asyncio.timeout(self._total_seconds):
                async for attempt in stamina.retry_context(
                    on=UpstreamAwayError,
                    attempts=ATTEMPTS,
                    timeout=None,
                    wait_initial=FIRST_PAUSE_SECONDS,
                    wait_jitter=JITTER_SECONDS,
                ):
                    with attempt:
                        data = await self._once()
        except TimeoutError:
            raise UpstreamAwayError("no answer in the time of a request") from None
        return data

    async def _once(self) -> Any:
        import httpx  # noqa: PLC0415 (heavy, and without an upstream not needed)

        if self._client is None:
            # httpx limits each read, which may be many: the whole call is limited below.
            limits = httpx.Limits(max_connections=MAX_CALLS_AT_ONCE)
            self._client = httpx.AsyncClient(timeout=None, limits=limits, transport=self._transport)  # noqa: S113
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._client.stream("GET", self._url, headers=self._headers()) as response,
            ):
                if response.status_code >= 500:
                    raise UpstreamAwayError(f"it answered {response.status_code}")
                if not response.is_success:
                    raise UpstreamRefusedError(f"it answered {response.status_code}")
                return _parsed(await _body(response))
        except (httpx.HTTPError, TimeoutError) as error:
            raise UpstreamAwayError(f"no answer: {type(error).__name__}") from None

    def _headers(self) -> dict[str, str]:
        # Not compressed: a small answer could otherwise unfold into a large one.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        passed_on = {"X-Request-ID": request_id, "traceparent": self._traceparent()}
        return headers | {name: value for name, value in passed_on.items() if value}


async def _body(response: "httpx.Response") -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_BYTES:
            raise UpstreamRefusedError(f"its answer is longer than {MAX_BYTES} bytes")
    return bytes(body)


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise UpstreamRefusedError("its answer is not JSON") from None
