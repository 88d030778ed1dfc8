"""The figures of all replicas, read from PostgreSQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core.health.reports import GONE_SECONDS
from app.core.postgres.connection import Connection
from app.sre.alerts import Backlog
from app.sre.buckets import SIZE
from app.sre.counts import WINDOWS, Counts
from app.sre.instances import Instance

SERIES_MINUTES = 60
LATENCY_WINDOWS = ("5m", "1h", "1d")

_SPANS = "(VALUES {}) AS span (name, seconds)".format(
    ", ".join(f"('{name}', {seconds})" for name, seconds in WINDOWS.items())
)
_LATENCY_SPANS = "(VALUES {}) AS span (name, seconds)".format(
    ", ".join(f"('{name}', {WINDOWS[name]})" for name in LATENCY_WINDOWS)
)
# A minute is in a window if it began in it.
_REQUESTS = f"""
    SELECT name, sum(requests)::bigint AS requests, sum(server_errors)::bigint AS server_errors,
        sum(refused)::bigint AS refused, sum(within_200ms)::bigint AS within_200ms,
        sum(within_500ms)::bigint AS within_500ms, sum(reads)::bigint AS reads,
        sum(stale_reads)::bigint AS stale_reads, sum(request_minutes.seconds) AS seconds
    FROM {_SPANS} JOIN request_minutes ON minute > now() - make_interval(secs => span.seconds) GROUP BY name
""".encode()  # noqa: S608 (of constants, as all here)
_JOBS = f"""
    SELECT name, count(*) FILTER (WHERE state = 'succeeded') AS jobs_succeeded,
        count(*) FILTER (WHERE state = 'dead') AS jobs_dead
    FROM {_SPANS} JOIN jobs ON finished_at > now() - make_interval(secs => span.seconds) GROUP BY name
""".encode()  # noqa: S608
_LATENCY = f"""
    SELECT name, position, sum(count)::bigint AS count
    FROM {_LATENCY_SPANS} JOIN request_minutes ON minute > now() - make_interval(secs => span.seconds)
        CROSS JOIN unnest(latency_counts) WITH ORDINALITY AS bucket (count, position)
    GROUP BY name, position
""".encode()  # noqa: S608
_SERIES = b"""
    SELECT minute, requests, server_errors, refused, latency_counts FROM request_minutes
    WHERE minute >= date_trunc('minute', now()) - make_interval(mins => %(minutes)s)
        AND minute < date_trunc('minute', now())
"""
_HOURS = b"""
    SELECT date_trunc('hour', minute) AS hour, sum(requests)::float / 3600 AS rps FROM request_minutes
    WHERE minute > now() - interval '30 days' AND minute < date_trunc('hour', now()) GROUP BY hour
"""
_NOW = b"""
    SELECT now() AS now,
        (SELECT coalesce(max(requests), 0)::float / 60 FROM request_minutes
            WHERE minute > now() - interval '7 days') AS peak_rps,
        (SELECT count(*) FROM jobs WHERE finished_at IS NULL) AS unfinished,
        (SELECT extract(epoch FROM now() - min(updated_at))::float FROM jobs WHERE finished_at IS NULL) AS silent,
        (SELECT count(*) FROM jobs WHERE state = 'dead' AND finished_at > now() - interval '1 hour') AS dead_last_hour,
        (SELECT count(*) FROM outbox) AS outbox,
        (SELECT min(created_at) FROM outbox) AS oldest_outbox_at
"""
_INSTANCES = b"""
    SELECT instance, role, report, extract(epoch FROM now() - seen_at)::float AS age_seconds FROM instances
    WHERE seen_at > now() - make_interval(secs => %(seconds)s) ORDER BY role, instance
"""


@dataclass(frozen=True, kw_only=True)
class Point:
    """One whole minute."""

    minute: datetime
    requests: int = 0
    server_errors: int = 0
    refused: int = 0
    latency: Sequence[int] = (0,) * SIZE


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Everything from which the responses of `/sre` are computed."""

    as_of: datetime | None = None
    """None: PostgreSQL was never reached."""
    windows: Mapping[str, Counts] = field(default_factory=dict)
    latency: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Counts by bucket, for LATENCY_WINDOWS."""
    series: Sequence[Point] = ()
    """The last hour by the minute, without the current one."""
    hourly_rps: Sequence[float] = ()
    """Whole hours from the first recorded on, the newest last."""
    peak_rps: float = 0.0
    """Of the busiest minute of the last 7 days."""
    backlog: Backlog = field(default_factory=Backlog)
    instances: Sequence[Instance] = ()


async def load(connection: Connection) -> Figures:
    """Read the figures; all in one transaction, so that they agree. Raises psycopg.Error."""
    async with connection.transaction():
        await connection.execute(b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        now = (await _rows(connection, _NOW))[0]
        requests = {row.pop("name"): row for row in await _rows(connection, _REQUESTS)}
        jobs = {row.pop("name"): row for row in await _rows(connection, _JOBS)}
        latency = await _rows(connection, _LATENCY)
        series = await _rows(connection, _SERIES, minutes=SERIES_MINUTES)
        hours = await _rows(connection, _HOURS)
        instances = await _rows(connection, _INSTANCES, seconds=GONE_SECONDS)
    return Figures(
        as_of=now["now"],
        windows={name: Counts(**requests.get(name, {}), **jobs.get(name, {})) for name in WINDOWS},
        latency={name: _buckets(latency, name) for name in LATENCY_WINDOWS},
        series=fill_minutes(series, now["now"]),
        hourly_rps=fill_hours({row["hour"]: row["rps"] for row in hours}, now["now"]),
        peak_rps=now["peak_rps"],
        backlog=_backlog(now),
        instances=[
            Instance(
                name=row["instance"],
                role=row["role"],
                age_seconds=max(row["age_seconds"], 0.0),
                report=row["report"] if isinstance(row["report"], dict) else {},
            )
            for row in instances
        ],
    )


def fill_minutes(rows: Sequence[Mapping[str, Any]], now: datetime) -> list[Point]:
    """Return the last hour's points, the newest last; minutes without a row had no requests."""
    by_minute = {row["minute"].astimezone(UTC): row for row in rows}
    end = now.astimezone(UTC).replace(second=0, microsecond=0)
    points = []
    for back in range(SERIES_MINUTES, 0, -1):
        minute = end - timedelta(minutes=back)
        row = by_minute.get(minute)
        points.append(
            Point(minute=minute)
            if row is None
            else Point(
                minute=minute,
                requests=row["requests"],
                server_errors=row["server_errors"],
                refused=row["refused"],
                latency=row["latency_counts"],
            )
        )
    return points


def fill_hours(by_hour: Mapping[datetime, float], now: datetime) -> list[float]:
    """Return the load of each whole hour since the first one; hours without a row had none."""
    if not by_hour:
        return []
    known = {hour.astimezone(UTC): rps for hour, rps in by_hour.items()}
    hour, end = min(known), now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    loads = []
    while hour < end:
        loads.append(known.get(hour, 0.0))
        hour += timedelta(hours=1)
    return loads


def _backlog(now: Mapping[str, Any]) -> Backlog:
    oldest = now["oldest_outbox_at"]
    return Backlog(
        unfinished=now["unfinished"],
        oldest_unfinished_seconds=max(now["silent"] or 0.0, 0.0),
        outbox=now["outbox"],
        oldest_outbox_seconds=max((now["now"] - oldest).total_seconds(), 0.0) if oldest else 0.0,
        oldest_outbox_at=oldest,
        dead_last_hour=now["dead_last_hour"],
    )


def _buckets(rows: Sequence[Mapping[str, Any]], name: str) -> list[int]:
    counts = [0] * SIZE
    for row in rows:
        if row["name"] == name and row["position"] <= SIZE:
            counts[row["position"] - 1] = row["count"]
    return counts


async def _rows(connection: Connection, statement: bytes, **values: Any) -> list[dict[str, Any]]:
    return await (await connection.execute(statement, values or None)).fetchall()
