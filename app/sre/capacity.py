"""Utilisation, the time until each limit is reached, and the recommended number of replicas."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

from app.sre.growth import Growth
from app.sre.instances import Instance, serving

MIN_REPLICAS = 2
TARGET_UTILISATION = 0.6  # of a replica; the rest is for bursts, or the load of a lost replica
HORIZON_DAYS = 14
MIN_RPS = 1.0  # below, the current use does not predict the use at a higher load
MAX_DAYS = 3650.0
MIN_MEASURED = 0.001  # a limit or a rate below is not a measurement


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One limited resource, over all replicas."""

    name: str
    unit: str
    used: float | None
    limit: float | None
    utilisation: float | None
    """Of the fullest replica, 0 to 1 (CPU may pass 1); None if use or limit is not known."""
    days_until_limit: float | None
    explanation: str


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """The capacity of the service, its use, and a recommendation."""

    replicas: int
    rps: float
    """Requests per second now."""
    peak_rps: float
    """Of the busiest minute of the last week."""
    forecast_peak_rps: float
    """In HORIZON_DAYS."""
    replica_rps: float | None
    """Requests per second that one replica can serve, from the CPU time of a request under load."""
    growth: Growth
    resources: list[Resource]
    recommended_replicas: int
    reasoning: str


class _Kind(NamedTuple):
    name: str
    unit: str
    used: str
    """Key of a report."""
    limit: str
    """Key of a report."""
    follows_load: bool


_KINDS = (
    _Kind("cpu", "cores", "cpu", "cpu_limit", True),
    _Kind("database connections", "connections", "pool_used", "pool_max", True),
    _Kind("requests in flight", "requests", "in_flight", "max_in_flight", True),
    _Kind("memory", "MiB", "rss_mb", "memory_limit_mb", False),
)


def plan(instances: Sequence[Instance], rps: float, peak_rps: float, growth: Growth) -> Capacity:
    """Return the capacity for `instances`; those of the API are the replicas."""
    replicas = serving(instances)
    peak = max(peak_rps, rps)
    forecast = peak + (growth.slope_per_day * HORIZON_DAYS if growth.growing and growth.slope_per_day else 0.0)
    measured = [rate for replica in replicas if (rate := replica.number("capacity_rps") or 0.0) >= MIN_MEASURED]
    # The slowest replica is the limit if a load balancer distributes requests evenly.
    replica_rps = min(measured) if measured else None
    wanted, reasoning = _recommend(len(replicas), forecast, replica_rps, growth)
    return Capacity(
        replicas=len(replicas),
        rps=rps,
        peak_rps=peak,
        forecast_peak_rps=forecast,
        replica_rps=replica_rps,
        growth=growth,
        resources=[_resource(kind, replicas, rps, growth) for kind in _KINDS],
        recommended_replicas=wanted,
        reasoning=reasoning,
    )


def _recommend(replicas: int, forecast: float, replica_rps: float | None, growth: Growth) -> tuple[int, str]:
    if replica_rps is None:
        kept = max(replicas, MIN_REPLICAS)
        return kept, (
            f"The capacity of a replica is unknown, because none had enough load yet; keep {kept}, "
            f"because with fewer than {MIN_REPLICAS} a restart is an outage."
        )
    needed = ceil(forecast / (replica_rps * TARGET_UTILISATION))
    wanted = max(needed, MIN_REPLICAS)
    trend = f"in {HORIZON_DAYS} days, growth included" if growth.growing else f"({growth.explanation})"
    reasoning = (
        f"A peak of {forecast:.1f} requests/s {trend}; one replica serves {replica_rps:.0f} requests/s, "
        f"at a utilisation of {TARGET_UTILISATION:.0%}: {needed} needed"
    )
    if needed < MIN_REPLICAS:
        reasoning += f", but with fewer than {MIN_REPLICAS} a restart is an outage"
    return wanted, f"{reasoning}. Running now: {replicas}."


def _resource(kind: _Kind, replicas: Sequence[Instance], rps: float, growth: Growth) -> Resource:
    found = ((replica.number(kind.used), replica.number(kind.limit)) for replica in replicas)
    pairs = [(used, limit) for used, limit in found if used is not None]
    limits = [limit for _, limit in pairs if limit and limit >= MIN_MEASURED]
    complete = bool(pairs) and len(limits) == len(pairs)
    utilisation = max(used / (limit or 1.0) for used, limit in pairs) if complete else None
    days, explanation = _days(kind, utilisation, rps, growth)
    return Resource(
        name=kind.name,
        unit=kind.unit,
        used=sum(used for used, _ in pairs) if pairs else None,
        limit=sum(limits) if complete else None,
        utilisation=utilisation,
        days_until_limit=days,
        explanation=explanation,
    )


def _days(kind: _Kind, utilisation: float | None, rps: float, growth: Growth) -> tuple[float | None, str]:
    days = None
    if utilisation is None:
        explanation = "use or limit unknown"
    elif utilisation >= 1:
        days, explanation = 0.0, "at its limit now"
    elif not kind.follows_load:
        explanation = "does not depend on the load"
    elif not growth.growing or not growth.slope_per_day:
        explanation = growth.explanation
    elif rps < MIN_RPS or utilisation <= 0:
        explanation = f"too little load now ({rps:.2g} requests/s) for a forecast"
    else:
        # Use that is proportional to the load reaches its limit when the load has grown by the same factor.
        full = rps / utilisation
        days = (full - rps) / growth.slope_per_day
        explanation = f"full at {full:.0f} requests/s"
        if days > MAX_DAYS:
            days, explanation = None, "not within ten years"
    return days, explanation
