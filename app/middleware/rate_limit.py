"""A share for each client, so that one cannot take the service from the others."""

from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from time import monotonic

from starlette.types import ASGIApp, Receive, Scope, Send

from app.middleware.exempt import PROBES, under
from app.problems import problem, retry_after

MAX_CLIENTS = 10_000


class RateLimit:
    """A token bucket for each client: `burst` at once, `per_second` on average; more is answered with 429.

    A client is the address that connects, or with `trusted_proxies` the address that the outermost of these saw. The
    client not seen for longest is forgotten beyond MAX_CLIENTS, which gives it a full bucket again. Only probes are not
    limited, and drills.
    """

    def __init__(
        self,
        app: ASGIApp,
        per_second: float,
        burst: int,
        trusted_proxies: int = 0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._app = app
        self._per_second = per_second
        self._burst = float(burst)
        self._trusted_proxies = trusted_proxies
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request unless its client has had its share."""
        if scope["type"] != "http" or under(scope["path"], PROBES):
            await self._app(scope, receive, send)
            return
        wait = self._take(self._client(scope))
        if wait > 0:
            detail = f"accepted from one client are {self._per_second:g} requests/s, and {self._burst:g} at once"
            await problem(429, detail, headers=retry_after(wait))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _take(self, client: str) -> float:
        """Take a token; return the seconds until there is one, 0 if it was there."""
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
        peer = scope["client"][0] if scope.get("client") else ""
        if not self._trusted_proxies:
            return host_of(str(peer))
        seen = ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for")
        addresses = [address.strip() for address in seen.split(",") if address.strip()]
        # Counted from the right: what is further left was said by the client itself.
        return host_of(addresses[-self._trusted_proxies] if len(addresses) >= self._trusted_proxies else str(peer))


@lru_cache(maxsize=MAX_CLIENTS)
def host_of(address: str) -> str:
    """Return the address without a port, in the one spelling that it has; what is no address stays as it is.

    Proxies may add the port that the client has for this one connection, and an IPv4 address may be given as IPv6.
    """
    host = address
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        parsed = ip_address(host)
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed)
