"""The current trace, as the W3C header `traceparent` names it; independent of any library."""

import re
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_SAMPLED = 0x01


class Trace:
    """A span of a trace; `span_id` is the parent of new spans."""

    __slots__ = ("sampled", "span", "span_id", "trace_id")

    def __init__(self, trace_id: str, span_id: str, sampled: bool, span: Any = None) -> None:
        self.trace_id, self.span_id, self.sampled = trace_id, span_id, sampled
        self.span = span
        """The open span of the SDK; None if it is that of another process, or not sampled."""

    def traceparent(self) -> str:
        """Return the value of the header."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)
current = _current.get
enter = _current.set
leave = _current.reset


def current_trace_id() -> str | None:
    """Return the id, 32 hex digits, of the current trace; None if there is none."""
    trace = _current.get()
    return trace.trace_id if trace is not None else None


def parse_traceparent(value: str | None) -> Trace | None:
    """Parse the header; None if it is invalid, and then a new trace may start."""
    match = _TRACEPARENT.fullmatch(value) if value else None
    if match is None:
        return None
    version, trace_id, span_id, flags, rest = match.groups()
    # Later versions may have more fields, version 00 may not, and ff is invalid.
    if version == "ff" or (rest and version == "00") or not int(trace_id, 16) or not int(span_id, 16):
        return None
    return Trace(trace_id, span_id, bool(int(flags, 16) & _SAMPLED))


def received_traceparent(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the header of an ASGI request."""
    for name, value in headers:
        if name == b"traceparent":
            return value.decode("latin-1")
    return None
