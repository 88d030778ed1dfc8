"""All alerts of the service: on its service levels, dependencies, jobs and capacity."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.health.readiness import Check
from app.sre.alert import Alert, worst_first
from app.sre.burn import burn_alerts
from app.sre.capacity import HORIZON_DAYS, Capacity
from app.sre.instances import Instance, workers
from app.sre.slo import SloState

OUTBOX_SECONDS = 300
UNATTENDED_SECONDS = 60  # longer than a worker takes to restart


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """Jobs that are not finished."""

    unfinished: int = 0
    oldest_unfinished_seconds: float = 0.0
    """Since the last progress of the job that made none for longest."""
    outbox: int = 0
    """Jobs that are not yet sent to the queue."""
    oldest_outbox_seconds: float = 0.0
    oldest_outbox_at: datetime | None = None
    dead_last_hour: int = 0


def find(
    states: Sequence[SloState],
    instances: Sequence[Instance],
    backlog: Backlog,
    capacity: Capacity,
    checks: Mapping[str, Check],
) -> list[Alert]:
    """Return the current alerts, the most severe first; `checks` are those of the readiness of this process."""
    return worst_first(
        [
            *_readiness(checks),
            *burn_alerts(states),
            *_breakers(instances),
            *_jobs(instances, backlog),
            *_limits(capacity),
        ]
    )


def _readiness(checks: Mapping[str, Check]) -> Iterator[Alert]:
    # A drain is part of every rollout, not a fault.
    needed = {name: check for name, check in checks.items() if check.required and name != "lifecycle"}
    failing = [f"{name} {check.detail}" for name, check in needed.items() if not check.ok]
    if failing:
        yield Alert(
            name="not-ready",
            severity="page",
            summary=f"This replica is not ready: {', '.join(failing)}.",
            action="Restore the named dependency; the replica then recovers automatically.",
        )


def _breakers(instances: Sequence[Instance]) -> Iterator[Alert]:
    open_at: dict[str, list[tuple[str, datetime | None]]] = {}
    for instance in instances:
        for breaker in instance.breakers:
            if breaker.get("state") == "open":
                place = (instance.name, _instant(breaker.get("last_changed")))
                open_at.setdefault(str(breaker.get("name")), []).append(place)
    for name, places in open_at.items():
        yield Alert(
            name=f"breaker-open-{name}",
            severity="page" if name == "database" else "warning",
            summary=f"The circuit breaker of {name} is open in {', '.join(place for place, _ in places)}.",
            action=f"Check whether {name} is available; the breaker closes with the first successful call.",
            since=min((since for _, since in places if since is not None), default=None),
        )


def _jobs(instances: Sequence[Instance], backlog: Backlog) -> Iterator[Alert]:
    if backlog.oldest_outbox_seconds > OUTBOX_SECONDS:
        yield Alert(
            name="outbox-backlog",
            severity="page",
            summary=f"{backlog.outbox} jobs are not yet in the queue, the oldest for "
            f"{backlog.oldest_outbox_seconds:.0f} s.",
            action="Check whether the queue is available and a worker runs; no job is lost.",
            since=backlog.oldest_outbox_at,
        )
    running = workers(instances)
    if not running and backlog.unfinished and backlog.oldest_unfinished_seconds > UNATTENDED_SECONDS:
        yield Alert(
            name="no-worker",
            severity="page",
            summary=f"{backlog.unfinished} jobs wait, and no worker has been seen for a minute.",
            action="Start a worker: python -m app worker.",
        )
    # Every worker reports the same queue.
    dead = max((count for worker in running if isinstance(count := worker.queue.get("dead"), int)), default=0)
    if dead or backlog.dead_last_hour:
        yield Alert(
            name="dead-letters",
            severity="ticket",
            summary=f"{dead} messages are in the dead-letter queue; {backlog.dead_last_hour} jobs died in an hour.",
            action="Read the error of the dead jobs, fix the cause, and send the jobs again.",
        )


def _limits(capacity: Capacity) -> Iterator[Alert]:
    for resource in capacity.resources:
        days = resource.days_until_limit
        if days is not None and days <= HORIZON_DAYS:
            yield Alert(
                name=f"capacity-{resource.name.replace(' ', '-')}",
                severity="ticket",
                summary=f"The limit of {resource.name} is reached "
                + ("now." if days == 0 else f"in {days:.1f} days at the current growth."),
                action=f"Plan {capacity.recommended_replicas} replicas, or raise the limit.",
            )


def _instant(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
