"""Settings of the HTTP server, the shutdown and telemetry."""

from pydantic import Field
from pydantic_settings import BaseSettings

from app.settings.values import AnyCaseLogLevel, LogLevel, Port, Url


class ServerSettings(BaseSettings):
    """The HTTP server and the telemetry of the process."""

    host: str = "127.0.0.1"
    """Address to listen on; in a pod the pod's address (`status.podIP`)."""
    port: Port = 8080
    """TCP port to listen on; 0 selects a free port and logs it."""
    admin_port: Port | None = None
    """TCP port of `/sre`, `/metrics` and `/faults`, which `port` then does not serve; if not set, `port` serves all."""
    api_base_url: Url | None = None
    """Public URL of the API, for links in responses; if not set, links are paths."""
    environment: str = Field("local", pattern=r"^[a-z][a-z0-9-]{0,30}$")
    """Name of the environment, for logs and `/health`. `prod` and `production` allow no fault injection."""
    log_level: AnyCaseLogLevel = LogLevel.INFO
    """Minimum level that is logged."""
    drain_seconds: float = Field(5, ge=0, le=300)
    """After SIGTERM: how long to continue serving while not ready, until load balancers stop sending traffic."""
    shutdown_grace_seconds: int = Field(20, ge=1, le=300)
    """After the drain: how long requests or jobs in flight may take to finish."""
    otel_exporter_otlp_endpoint: Url | None = None
    """Base URL of an OTLP/HTTP collector, such as `http://collector:4318`; if not set, no traces are created."""
    otel_traces_sampler_arg: float = Field(0.1, ge=0, le=1)
    """Share of new traces that are sampled; a continued trace follows the decision of its caller."""
