"""A rate limit for each client, so that one client cannot exhaust the service for the others."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from time import monotonic

from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.http.client_address import Network, client_address, peer_of
from app.core.http.paths import NOT_RATE_LIMITED, under
from app.core.http.problems import problem, retry_after

MAX_CLIENTS = 10_000


class RateLimit:
    """A token bucket for each client: `per_second` requests on average, bursts of `burst`; more get a 429.

    A client is the address that connects, or the one that the `trusted_proxies` report, or that the proxy reports which
    is `hops` in front of them. Beyond MAX_CLIENTS the least
    recently seen client is dropped, which gives it a full bucket again. Health probes and fault injection are exempt.
    """

    def __init__(
        self,
        app: ASGIApp,
        per_second: float,
        burst: int,
        trusted_proxies: Sequence[Network] = (),
        *,
        hops: int = 0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._app = app
        self._per_second = per_second
        self._burst = float(burst)
        self._trusted = trusted_proxies
        self._hops = hops
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request unless its client is over the limit."""
        if scope["type"] != "http" or under(scope["path"], NOT_RATE_LIMITED):
            await self._app(scope, receive, send)
            return
        wait = self._take(self._client(scope))
        if wait > 0:
            detail = f"the limit for a client is {self._per_second:g} requests/s, with bursts of {self._burst:g}"
            await problem(429, detail, headers=retry_after(wait))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _take(self, client: str) -> float:
        """Take a token; return the seconds until one is available, 0 if it was."""
        now = self._clock()
        tokens, at = self._buckets.get(client, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._per_second)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / self._per_second
        self._buckets[client] = (tokens if wait else tokens - 1, now)
        self._buckets.move_to_end(client)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return wait

    def _client(self, scope: Scope) -> str:
        seen = (value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for")
        return client_address(peer_of(scope), seen, self._trusted, self._hops)
