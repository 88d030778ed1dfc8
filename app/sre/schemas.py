"""The models of the responses of `/sre` for the OpenAPI document. They validate nothing, so responses are cheap."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.sre.alert import Severity


class _Doc(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Head(_Doc):
    degraded: bool = Field(
        description="True: the database is unavailable. The figures are the last known, plus those of this process."
    )
    as_of: datetime | None = Field(description="When the figures were read; null: not since the start of this process.")


class CheckDoc(_Doc):
    """One check of readiness."""

    ok: bool
    detail: str = Field(examples=["reachable"])


class AlertCounts(_Doc):
    """Alerts by severity."""

    page: int
    ticket: int
    warning: int


class HealthPart(_Doc):
    """The overall state and its reasons."""

    status: Literal["healthy", "degraded", "critical"] = Field(description="`critical`: an alert pages.")
    instance: str = Field(description="The process that sent the response.", examples=["api-7d9c-1-5f0c2a9e"])
    uptime_seconds: float
    checks: dict[str, CheckDoc]
    alerts_by_severity: AlertCounts


class HealthDoc(_Head, HealthPart):
    """`/sre/health`."""

    environment: str
    version: str


class AlertDoc(_Doc):
    """A condition that needs attention."""

    name: str = Field(examples=["availability-burn-rate"])
    severity: Severity = Field(description="`page`: now. `ticket`: on a working day. `warning`: for information.")
    summary: str
    action: str = Field(description="What to do first.")
    since: datetime | None = Field(description="null: not known.")


class AlertsDoc(_Head):
    """`/sre/alerts`."""

    alerts: list[AlertDoc] = Field(description="The most severe first.")


class SloDoc(_Doc):
    """The state of an objective."""

    name: str = Field(examples=["availability"])
    title: str
    promise: str
    objective: float = Field(description="Share of good events.", examples=[0.999])
    window: str = Field(examples=["30d"])
    events: str = Field(examples=["requests"])
    good: int
    total: int
    sli: float = Field(description="Share of good events so far; 1 without events.")
    met: bool
    error_budget_left: float = Field(description="1: untouched; 0: used up; below 0: missed. Weighted by events.")
    burn_rate: dict[str, float] = Field(description="By window; 1 uses the budget up in exactly 30 days.")


class RateDoc(_Doc):
    """The golden signals of a window."""

    requests: int
    requests_per_second: float
    server_errors: int
    refused: int = Field(description="Responses with status 429.")
    error_rate: float
    refused_rate: float
    mean_ms: float | None
    p50_ms: float | None = Field(description="null: no requests. Estimated from buckets, as the other two.")
    p95_ms: float | None
    p99_ms: float | None


class MinuteDoc(_Doc):
    """One whole minute."""

    minute: datetime
    requests_per_second: float
    error_rate: float
    refused_rate: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class MetricsPart(_Doc):
    """Rates, errors and latency."""

    windows: dict[str, RateDoc] = Field(description="For 5m, 1h and 1d.")
    last_hour: list[MinuteDoc] = Field(description="The oldest first, without the current minute.")


class MetricsDoc(_Head, MetricsPart):
    """`/sre/metrics`."""


class GrowthDoc(_Doc):
    """A line through the busiest hour of each day, over whole weeks; days are compared with the same day of others."""

    slope_per_day: float | None = Field(
        description="Daily increase of the load of the busiest hour; null: unknown before two whole weeks."
    )
    r_squared: float | None = Field(description="Share of the variation between weeks that the line explains.")
    growing: bool = Field(description="Whether the slope is significant.")
    hours: int = Field(description="Hours that the line covers; without a line, hours recorded.")
    explanation: str


class ResourceDoc(_Doc):
    """One limited resource."""

    name: str = Field(examples=["cpu"])
    unit: str = Field(examples=["cores"])
    used: float | None = Field(description="By all replicas.")
    limit: float | None = Field(description="Of all replicas; null: none known.")
    utilisation: float | None = Field(description="Of the fullest replica.")
    days_until_limit: float | None = Field(description="null: not growing, or not known; see explanation.")
    explanation: str


class CapacityPart(_Doc):
    """Capacity, utilisation and the recommended number of replicas."""

    replicas: int
    recommended_replicas: int
    reasoning: str
    requests_per_second: float
    peak_requests_per_second: float = Field(description="Of the busiest minute of the last 7 days.")
    forecast_peak_requests_per_second: float = Field(
        description="In 14 days; without known growth the peak of the last 7."
    )
    replica_requests_per_second: float | None = Field(
        description="What one replica can serve, from the CPU time of a request under load; null: not measured yet."
    )
    growth: GrowthDoc
    resources: list[ResourceDoc]


class CapacityDoc(_Head, CapacityPart):
    """`/sre/capacity`."""


class QueueDoc(_Doc):
    """The queue as reported by a worker; null: unknown."""

    visible: int | None
    in_flight: int | None
    dead: int | None
    reachable: bool


class JobsPart(_Doc):
    """The state of the jobs."""

    unfinished: int
    outbox: int = Field(description="Jobs that are not yet sent to the queue.")
    oldest_outbox_seconds: float
    succeeded_last_day: int
    dead_last_day: int
    queue: QueueDoc | None = Field(description="null: no worker has reported.")


class BreakerDoc(_Doc):
    """One circuit breaker."""

    name: str = Field(examples=["database"])
    state: str = Field(examples=["closed"])
    failures: int
    opened_count: int
    last_changed: datetime | None
    retry_after_seconds: float


class InstanceDoc(_Doc):
    """One process, as it last reported."""

    instance: str
    role: str = Field(examples=["serve"])
    seen_seconds_ago: float
    cpu: float | None = Field(description="CPU seconds per second.")
    rss_mb: float | None
    memory_limit_mb: float | None
    pool_used: float | None
    pool_max: float | None
    in_flight: float | None
    rps: float | None
    capacity_rps: float | None
    circuit_breakers: list[BreakerDoc]


class DashboardDoc(_Head):
    """`/sre/dashboard`."""

    environment: str
    version: str
    health: HealthPart
    alerts: list[AlertDoc]
    slos: list[SloDoc]
    metrics: MetricsPart
    capacity: CapacityPart
    jobs: JobsPart
    instances: list[InstanceDoc] = Field(description="The process that sent the response is first.")
