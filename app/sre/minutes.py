"""Requests of one minute, counted in memory."""

from typing import Any

from app.sre.buckets import SIZE, UP_TO_200MS, UP_TO_500MS, place
from app.sre.counts import Counts

CLIENT_ERROR = 400
SERVER_ERROR = 500
TOO_MANY_REQUESTS = 429


class Minute:
    """Counts that grow; `number` is the minutes since 1970."""

    __slots__ = ("latency", "number", "reads", "refused", "seconds", "server_errors", "stale_reads")

    def __init__(self, number: int) -> None:
        self.number = number
        self.server_errors = 0
        self.refused = 0
        self.reads = 0
        self.stale_reads = 0
        self.seconds = 0.0
        self.latency = [0] * SIZE

    def record(self, status: int, seconds: float, read: bool, stale: bool) -> None:
        """Count one request."""
        self.latency[place(seconds)] += 1
        self.seconds += seconds
        if status >= SERVER_ERROR:
            self.server_errors += 1
        elif status == TOO_MANY_REQUESTS:
            self.refused += 1
        if read and status < CLIENT_ERROR:  # a failed one returned no data
            self.reads += 1
            if stale:
                self.stale_reads += 1

    def absorb(self, other: "Minute") -> None:
        """Add the counts of another minute."""
        self.latency = [one + two for one, two in zip(self.latency, other.latency, strict=True)]
        self.server_errors += other.server_errors
        self.refused += other.refused
        self.reads += other.reads
        self.stale_reads += other.stale_reads
        self.seconds += other.seconds

    def row(self) -> dict[str, Any]:
        """Return the row of request_minutes, ready for JSON."""
        return {
            "minute": self.number * 60,
            "requests": sum(self.latency),
            "server_errors": self.server_errors,
            "refused": self.refused,
            "within_200ms": sum(self.latency[:UP_TO_200MS]),
            "within_500ms": sum(self.latency[:UP_TO_500MS]),
            "reads": self.reads,
            "stale_reads": self.stale_reads,
            "seconds": self.seconds,
            "latency_counts": self.latency,
        }

    def counts(self) -> Counts:
        """Return the sums alone."""
        row = self.row()
        return Counts(**{name: row[name] for name in row if name not in ("minute", "latency_counts")})
