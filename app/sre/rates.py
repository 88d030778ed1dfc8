"""Rates, errors and latency of windows, and of the last hour by the minute."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.sre.buckets import quantile
from app.sre.counts import WINDOWS, Counts
from app.sre.figures import LATENCY_WINDOWS, Point

QUANTILES = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}


def covered_seconds(window: str, now: datetime) -> float:
    """Return the time that the minutes of a window cover: whole minutes, and the elapsed part of the current one."""
    return WINDOWS[window] - 60 + now.second + now.microsecond / 1e6


def rate(window: str, counts: Counts, latency: Sequence[int], now: datetime) -> dict[str, Any]:
    """Return the golden signals of one window."""
    total = counts.requests
    return {
        "requests": total,
        "requests_per_second": round(total / covered_seconds(window, now), 3),
        "server_errors": counts.server_errors,
        "refused": counts.refused,
        "error_rate": round(counts.server_errors / total, 6) if total else 0.0,
        "refused_rate": round(counts.refused / total, 6) if total else 0.0,
        "mean_ms": _milliseconds(counts.seconds / total if total else None),
        **quantiles(latency),
    }


def rates(windows: Mapping[str, Counts], latency: Mapping[str, Sequence[int]], now: datetime) -> dict[str, Any]:
    """Return the golden signals by window."""
    return {name: rate(name, windows.get(name, Counts()), latency.get(name, ()), now) for name in LATENCY_WINDOWS}


def quantiles(latency: Sequence[int]) -> dict[str, float | None]:
    """Return the latencies in milliseconds, estimated from the buckets; None without requests."""
    return {name: _milliseconds(quantile(latency, share)) for name, share in QUANTILES.items()}


def series(points: Sequence[Point]) -> list[dict[str, Any]]:
    """Return one entry for each minute, the oldest first."""
    return [
        {
            "minute": point.minute.isoformat(),
            "requests_per_second": round(point.requests / 60, 3),
            "error_rate": round(point.server_errors / point.requests, 6) if point.requests else 0.0,
            "refused_rate": round(point.refused / point.requests, 6) if point.requests else 0.0,
            **quantiles(point.latency),
        }
        for point in points
    ]


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)
