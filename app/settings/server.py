"""How the process listens, ends, and what it is called."""

from pydantic import Field
from pydantic_settings import BaseSettings

from app.settings.values import AnyCaseLogLevel, LogLevel, Port, Url


class ServerSettings(BaseSettings):
    """The HTTP server and the telemetry of the process."""

    host: str = "127.0.0.1"
    """Address to listen on; in a pod its own address (`status.podIP`)."""
    port: Port = 8080
    """TCP port to listen on; 0 takes a free one and logs it."""
    admin_port: Port | None = None
    """TCP port of `/sre`, `/metrics` and `/faults`, which `port` then does not serve; left out: all on `port`."""
    api_base_url: Url | None = None
    """Where clients reach the API, for links in answers; left out: links are paths."""
    environment: str = Field("local", pattern=r"^[a-z][a-z0-9-]{0,30}$")
    """Name of the environment, for logs and `/health`. `prod` and `production` allow no fault injection."""
    log_level: AnyCaseLogLevel = LogLevel.INFO
    """Least severe level that is logged."""
    drain_seconds: float = Field(5, ge=0, le=300)
    """After SIGTERM: how long to go on serving, not ready, until no load balancer sends traffic any more."""
    shutdown_grace_seconds: int = Field(20, ge=1, le=300)
    """After the drain: how long requests, or jobs, in flight may take to finish."""
    otel_exporter_otlp_endpoint: Url | None = None
    """Base URL of an OTLP/HTTP collector, such as `http://collector:4318`; left out: no traces are made."""
    otel_traces_sampler_arg: float = Field(0.1, ge=0, le=1)
    """Share of traces that begin here and are kept; a caller's own decision is followed."""
