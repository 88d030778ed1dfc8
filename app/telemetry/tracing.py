"""Traces of requests, queries and jobs. Off without an endpoint; the trace id of a caller is logged in any case."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Token
from random import getrandbits, random
from types import TracebackType
from typing import Any, Literal, Protocol, Self

from app.settings import Settings
from app.telemetry import trace as traces
from app.telemetry.trace import Trace, current, parse_traceparent, received_traceparent

Kind = Literal["server", "client", "producer", "consumer", "internal"]
Attributes = Mapping[str, str | int]

SHUTDOWN_SECONDS = 6.0  # for the last batch; what the collector has not accepted by then is lost


class Spanning(Protocol):
    """A span while it is open."""

    def set(self, name: str, value: str | int) -> None:
        """Add an attribute."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: Any) -> None: ...


class _NoSpan:
    __slots__ = ()

    def set(self, name: str, value: str | int) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        pass


_NO_SPAN = _NoSpan()


class _Span:
    __slots__ = ("_attributes", "_kind", "_name", "_parent", "_token", "_trace", "_tracing")

    _token: Token[Trace | None]
    _trace: Trace

    def __init__(
        self, tracing: "Tracing", name: str, kind: Kind, parent: Trace | None, attributes: Attributes | None
    ) -> None:
        self._tracing, self._name, self._kind, self._parent = tracing, name, kind, parent
        self._attributes = attributes

    def set(self, name: str, value: str | int) -> None:
        if self._trace.span is not None:
            self._trace.span.set_attribute(name, value)

    def __enter__(self) -> Self:
        self._trace = self._tracing.start(self._name, self._kind, self._parent, self._attributes)
        self._token = traces.enter(self._trace)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        traces.leave(self._token)
        self._tracing.end(self._trace, kind.__qualname__ if kind is not None else None)


class Tracing:
    """Starts and ends spans.

    OTEL_TRACES_SAMPLER_ARG is the share of new traces that are sampled; a continued trace follows its caller.
    """

    def __init__(self, settings: Settings, service: str) -> None:
        self._provider: Any = None
        self._ratio = settings.otel_traces_sampler_arg
        if settings.otel_exporter_otlp_endpoint is not None:
            from app.telemetry import otlp  # noqa: PLC0415 (heavy; off by default)

            self._otlp = otlp
            self._provider = otlp.tracer_provider(settings, service)
            self._tracer = self._provider.get_tracer(__name__)

    @property
    def on(self) -> bool:
        """True if spans are created."""
        return self._provider is not None

    def span(self, name: str, kind: Kind = "client", attributes: Attributes | None = None) -> Spanning:
        """Return a context manager: the block is a span of the current trace, which fails if the block raises.

        Names and attributes must not hold personal data. A client span never starts a trace, because a single query,
        such as that of a probe, is not useful.
        """
        parent = current()
        if self._provider is None or (parent is None and kind == "client") or (parent and not parent.sampled):
            return _NO_SPAN
        return _Span(self, name, kind, parent, attributes)

    def current_trace_id(self) -> str | None:
        """Return the id, 32 hex digits, of the current trace, sampled or not; None if there is none."""
        return traces.current_trace_id()

    def current_sampled_trace_id(self) -> str | None:
        """Return the id of the current trace if it is sampled."""
        trace = current()
        return trace.trace_id if trace is not None and trace.sampled else None

    def traceparent(self) -> str | None:
        """Return the W3C header's value for what is called from here; None if there is no trace."""
        trace = current()
        return trace.traceparent() if trace is not None else None

    @contextmanager
    def continue_from(self, traceparent: str | None) -> Iterator[None]:
        """Continue the trace of a message in the block; without a valid one the block starts a new trace."""
        token = traces.enter(parse_traceparent(traceparent))
        try:
            yield
        finally:
            traces.leave(token)

    def server(self, headers: Iterable[tuple[bytes, bytes]]) -> Trace | None:
        """Return the trace of a new request, that of the caller or a new one; None if there is none.

        The caller must call `traces.enter` with it, and `end_server` at the end.
        """
        parent = parse_traceparent(received_traceparent(headers))
        if self._provider is None or (parent is not None and not parent.sampled):
            return parent
        return self.start("HTTP", "server", parent, None)

    def end_server(self, trace: Trace, *, method: str, route: str | None, path: str, scheme: str, status: int) -> None:
        """End the span of a request. `path` must be redacted; `method` and `route` bounded."""
        span = trace.span
        if span is None:
            return
        other = method == "OTHER"
        name = "HTTP" if other else method
        span.update_name(f"{name} {route}" if route else name)
        span.set_attributes(
            {
                "http.request.method": "_OTHER" if other else method,
                "http.response.status_code": status,
                "url.path": path,
                "url.scheme": scheme,
                **({"http.route": route} if route else {}),
            }
        )
        self.end(trace, str(status) if status >= 500 or status == 499 else None)

    def start(self, name: str, kind: Kind, parent: Trace | None, attributes: Attributes | None) -> Trace:
        """Start a span, or a trace that is not sampled; only if `on`."""
        # Decided here, because the SDK takes ten times as long not to sample.
        if parent is None and random() >= self._ratio:  # noqa: S311 (a sample, not a secret)
            return Trace(f"{getrandbits(128):032x}", f"{getrandbits(64):016x}", sampled=False)
        return self._otlp.start(self._tracer, name, kind, parent, dict(attributes) if attributes else None)

    def end(self, trace: Trace, error_type: str | None) -> None:
        """End the span that `start` started."""
        if trace.span is not None:
            self._otlp.end(trace.span, error_type)

    def shutdown(self) -> None:
        """Send the remaining spans. Blocks up to SHUTDOWN_SECONDS; call it after the last request."""
        if self._provider is None:
            return
        # A thread, because the SDK would wait half a minute for an unavailable collector.
        thread = threading.Thread(target=self._provider.shutdown, daemon=True)
        thread.start()
        thread.join(SHUTDOWN_SECONDS)
