"""The query parameters of `GET /containerLogs`, as defined by PodLogOptions in Kubernetes 1.35."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from localcloud.node import log_times
from localcloud.node.log_times import Times

FLAGS = ("follow", "previous", "timestamps")
LEAST = {"tailLines": 0, "limitBytes": 1, "sinceSeconds": 1}
# `stream` selects stdout or stderr. Both go to one file here, so only `All` is supported.
ACCEPTED = {*FLAGS, *LEAST, "sinceTime", "stream"}


class QueryError(ValueError):
    """A parameter is unknown or invalid; the message names it."""


@dataclass(frozen=True, kw_only=True)
class LogQuery:
    """The validated parameters of a log request."""

    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    tail_lines: int | None = None
    limit_bytes: int | None = None
    since: float | None = None
    """Seconds since the epoch."""

    @classmethod
    def of(cls, query: Mapping[str, str], now: float) -> "LogQuery":
        """Parse and validate query parameters.

        Args:
            query: parameter name -> value.
            now: the current time in seconds since the epoch.

        Raises:
            QueryError: a parameter is unknown, or its value is invalid.
        """
        for name in query:
            if name not in ACCEPTED:
                raise QueryError(f"{name} is not supported by the local cloud; accepted: {', '.join(sorted(ACCEPTED))}")
        if query.get("stream", "All") != "All":
            raise QueryError("stream: only All is supported by the local cloud, where both streams are one file")
        numbers = {name: _number(name, query[name]) for name in LEAST if name in query}
        since = now - numbers["sinceSeconds"] if "sinceSeconds" in numbers else None
        if "sinceTime" in query:
            since = _time(query["sinceTime"])
        return cls(
            **{name: _flag(name, query[name]) for name in FLAGS if name in query},
            tail_lines=numbers.get("tailLines"),
            limit_bytes=numbers.get("limitBytes"),
            since=since,
        )

    def select(self, content: bytes, times: Times) -> bytes:
        """Return the requested part of a log: apply `tail_lines` first, then `since`, then `limit_bytes`."""
        lines = content.splitlines(keepends=True)
        first = max(0, len(lines) - self.tail_lines) if self.tail_lines is not None else 0
        if self.since is None and not self.timestamps:
            return b"".join(lines[first:])[: self.limit_bytes]
        offset = sum(map(len, lines[:first]))
        result = []
        for line in lines[first:]:
            time = log_times.at(times, offset)
            offset += len(line)
            if self.since is None or time >= self.since:
                result.append(self.stamp(line, time))
        return b"".join(result)[: self.limit_bytes]

    def stamp(self, line: bytes, time: float) -> bytes:
        """Return a line, prefixed with its time if timestamps were requested."""
        return f"{log_times.rfc3339(time)} ".encode() + line if self.timestamps else line


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < LEAST[name]:
        raise QueryError(f"{name}: {text!r} is not a whole number of at least {LEAST[name]}")
    return int(text)


def _flag(name: str, text: str) -> bool:
    if text not in {"true", "false", "1", "0"}:
        raise QueryError(f"{name}: {text!r} is neither true nor false")
    return text in {"true", "1"}


def _time(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise QueryError(f"sinceTime: {text!r} is not a time in RFC 3339 format, such as 2026-01-31T12:00:00Z")
    return moment.timestamp()
