"""The snapshot as JSON; app/sre/schemas.py documents it, and a test compares the two."""

from dataclasses import asdict
from typing import Any

from app.sre import rates
from app.sre.slo import PERIOD, SloState
from app.sre.snapshot import Snapshot

View = dict[str, Any]


def head(snapshot: Snapshot) -> View:
    """Return the first fields of every response."""
    as_of = snapshot.figures.as_of
    return {"degraded": snapshot.degraded, "as_of": as_of.isoformat() if as_of else None}


def health(snapshot: Snapshot, instance: str, uptime_seconds: float) -> View:
    """Return the overall state: `critical` with an alert that pages, `degraded` with any other fault."""
    severities = {alert.severity for alert in snapshot.alerts}
    status = "critical" if "page" in severities else "degraded" if severities or snapshot.degraded else "healthy"
    return {
        "status": status,
        "instance": instance,
        "uptime_seconds": round(uptime_seconds, 1),
        "checks": {name: {"ok": check.ok, "detail": check.detail} for name, check in snapshot.checks.items()},
        "alerts_by_severity": {
            severity: sum(alert.severity == severity for alert in snapshot.alerts)
            for severity in ("page", "ticket", "warning")
        },
    }


def alerts(snapshot: Snapshot) -> list[View]:
    """Return the alerts, the most severe first."""
    return [{**asdict(alert), "since": alert.since.isoformat() if alert.since else None} for alert in snapshot.alerts]


def slos(snapshot: Snapshot) -> list[View]:
    """Return the state of each objective."""
    return [_slo(state) for state in snapshot.states]


def metrics(snapshot: Snapshot) -> View:
    """Return the golden signals: by window, and by the minute for the last hour."""
    figures = snapshot.figures
    return {
        "windows": rates.rates(figures.windows, figures.latency, snapshot.now),
        "last_hour": rates.series(figures.series),
    }


def capacity(snapshot: Snapshot) -> View:
    """Return the capacity, the utilisation and the recommended number of replicas."""
    found = snapshot.capacity
    growth = found.growth
    return {
        "replicas": found.replicas,
        "recommended_replicas": found.recommended_replicas,
        "reasoning": found.reasoning,
        "requests_per_second": _rounded(found.rps),
        "peak_requests_per_second": _rounded(found.peak_rps),
        "forecast_peak_requests_per_second": _rounded(found.forecast_peak_rps),
        "replica_requests_per_second": _rounded(found.replica_rps),
        "growth": {
            "slope_per_day": _rounded(growth.slope_per_day, 6),
            "r_squared": _rounded(growth.r_squared, 4),
            "growing": growth.growing,
            "hours": growth.hours,
            "explanation": growth.explanation,
        },
        "resources": [
            {
                "name": resource.name,
                "unit": resource.unit,
                "used": _rounded(resource.used),
                "limit": _rounded(resource.limit),
                "utilisation": _rounded(resource.utilisation, 4),
                "days_until_limit": _rounded(resource.days_until_limit, 1),
                "explanation": resource.explanation,
            }
            for resource in found.resources
        ],
    }


def jobs(snapshot: Snapshot) -> View:
    """Return the state of the jobs."""
    backlog, period = snapshot.figures.backlog, snapshot.figures.windows.get("1d")
    queue = next((instance.queue for instance in snapshot.instances if instance.queue), None)
    return {
        "unfinished": backlog.unfinished,
        "outbox": backlog.outbox,
        "oldest_outbox_seconds": round(backlog.oldest_outbox_seconds, 1),
        "succeeded_last_day": period.jobs_succeeded if period else 0,
        "dead_last_day": period.jobs_dead if period else 0,
        "queue": queue
        and {
            "visible": queue.get("visible"),
            "in_flight": queue.get("in_flight"),
            "dead": queue.get("dead"),
            "reachable": bool(queue.get("reachable")),
        },
    }


def instances(snapshot: Snapshot) -> list[View]:
    """Return the processes, this one first."""
    keys = ("cpu", "rss_mb", "memory_limit_mb", "pool_used", "pool_max", "in_flight", "rps", "capacity_rps")
    return [
        {
            "instance": instance.name,
            "role": instance.role,
            "seen_seconds_ago": round(instance.age_seconds, 1),
            **{key: instance.number(key) for key in keys},
            "circuit_breakers": [
                {
                    "name": str(breaker.get("name", "")),
                    "state": str(breaker.get("state", "")),
                    "failures": breaker.get("failures", 0),
                    "opened_count": breaker.get("opened_count", 0),
                    "last_changed": breaker.get("last_changed"),
                    "retry_after_seconds": breaker.get("retry_after_seconds", 0.0),
                }
                for breaker in instance.breakers
            ],
        }
        for instance in snapshot.instances
    ]


def _slo(state: SloState) -> View:
    objective = state.objective
    return {
        "name": objective.name,
        "title": objective.title,
        "promise": objective.promise,
        "objective": float(objective.objective),
        "window": PERIOD,
        "events": objective.events,
        "good": state.good,
        "total": state.total,
        "sli": round(state.sli, 8),
        "met": state.budget_left >= 0,
        "error_budget_left": round(state.budget_left, 6),
        "burn_rate": {name: round(burn, 4) for name, burn in state.burn_rate.items()},
    }


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)
