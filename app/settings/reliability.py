"""Timeouts, load shedding, rate limits and circuit breakers."""

from pydantic import Field
from pydantic_settings import BaseSettings

from app.settings.values import Networks, Url

MAX_BODY_BYTES = 1_048_576


class ReliabilitySettings(BaseSettings):
    """Deadlines, load shedding, rate limits, circuit breakers, and the external HTTP dependency."""

    request_timeout_seconds: float = Field(10, gt=0, le=300)
    """Timeout of a request; the response is then 503, or 408 if the body has not arrived."""
    header_timeout_seconds: float = Field(10, gt=0, le=300)
    """Timeout for the header of a request; then 408. A new connection that sends nothing is closed."""
    keep_alive_seconds: int = Field(75, ge=1, le=3600)
    """How long a connection may be idle between requests. More than the 60 s of AWS load balancers: the side that
    reuses a connection must close it first."""
    max_client_connections: int = Field(1_000, ge=1, le=100_000)
    """Maximum of client connections. Above it, the longest idle one is closed; if none is idle, the new one gets
    503."""
    max_in_flight: int = Field(100, ge=1, le=10_000)
    """Maximum of concurrent requests; more get 503 immediately."""
    max_body_bytes: int = Field(MAX_BODY_BYTES, ge=1024, le=104_857_600)
    """Maximum length of a request body in bytes; a longer one gets 413."""
    rate_limit_per_second: float = Field(100, ge=0, le=1_000_000)
    """Requests per second that one client may send on average; more get 429. 0: no limit."""
    rate_limit_burst: int = Field(200, ge=1, le=1_000_000)
    """Requests that one client may send in a burst after a pause."""
    trusted_proxy_cidrs: Networks = ()
    """Networks of the trusted proxies, separated by commas, such as the load balancer's subnets: what they append to
    X-Forwarded-For, and X-Forwarded-Proto, are trusted. Empty: the client is the address that connects."""
    trusted_hops: int = Field(0, ge=0, le=8)
    """Number of proxies in front of those of TRUSTED_PROXY_CIDRS, such as CloudFront, whose addresses change: what they
    append to X-Forwarded-For is trusted too."""
    breaker_failure_threshold: int = Field(5, ge=1, le=1000)
    """Consecutive failures that open a circuit breaker."""
    breaker_recovery_seconds: float = Field(2, gt=0, le=600)
    """Time a breaker stays open before it allows a probe call."""
    upstream_url: Url | None = None
    """The external HTTP dependency: returns JSON for GET, accepts notifications by POST. Not set: there is none."""
    upstream_timeout_seconds: float = Field(2, gt=0, le=60)
    """Timeout of a call to it."""
