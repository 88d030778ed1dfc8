"""Metrics, trace, log line and record of every request, and a 500 for unexpected errors."""

from time import perf_counter
from typing import Protocol

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.http.middleware.request_id import REQUEST_ID
from app.core.http.paths import OPERATIONAL, under
from app.core.http.problems import problem
from app.core.http.refusals import REFUSED
from app.telemetry import trace as traces
from app.telemetry.access_log import access_log
from app.telemetry.metrics import Metrics
from app.telemetry.redaction import redact
from app.telemetry.tracing import Tracing

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_READS = {"GET", "HEAD"}
_UNMATCHED = "unmatched"
_CLIENT_CLOSED = 499  # as in nginx: the client disconnected, or the process stopped, before the response began

log = structlog.get_logger()


class RequestRecorder(Protocol):
    """Counts the outcomes of requests, for the service levels."""

    def record(self, status: int, seconds: float, read: bool, stale: bool) -> None:
        """Count one request."""


class Observe:
    """Observes requests. Labels are bounded: the template of the route, and one value for unknown methods and paths.

    Probes and the pages of operators are neither counted nor traced: they would improve the figures of the service.
    """

    def __init__(
        self, app: ASGIApp, *, metrics: Metrics, tracing: Tracing | None = None, recorder: RequestRecorder | None = None
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._tracing = tracing
        self._recorder = recorder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request and record it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        degraded = ""
        operational = under(scope["path"], OPERATIONAL)

        async def send_and_record(message: Message) -> None:
            nonlocal status, degraded
            if message["type"] == "http.response.start":
                status = message["status"]
                for name, value in message.get("headers", ()):
                    if name == b"x-degraded":
                        degraded = value.decode("latin-1")
            await send(message)

        metrics = self._metrics
        trace = None if operational or self._tracing is None else self._tracing.server(scope["headers"])
        # Set even to None: a caller in this process may be in a trace of its own.
        token = traces.enter(trace)
        start = perf_counter()
        if not operational:
            metrics.in_flight += 1
        try:
            await self._app(scope, receive, send_and_record)
        except Exception:
            log.exception("request failed", path=scope["path"])
            if status:
                raise  # the response has begun; only closing the connection can tell the client
            await problem(500, "an unexpected error, which is logged")(scope, receive, send_and_record)
        finally:
            seconds = perf_counter() - start
            status = status or _CLIENT_CLOSED
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            route = getattr(scope.get("route"), "path", _UNMATCHED)
            if not operational:
                metrics.in_flight -= 1
                sampled = trace is not None and trace.span is not None
                metrics.answered(method, route, status, seconds, trace.trace_id if trace and sampled else None)
                if status >= 400:
                    metrics.refused(status, scope.get(REFUSED))
                if degraded:
                    metrics.degraded(degraded)
                if self._recorder is not None:
                    self._recorder.record(status, seconds, method in _READS, bool(degraded))
                if trace and sampled:
                    self._end(trace, scope, method, route, status)
            access_log.write(
                probe=operational,
                method=method,
                path=scope["path"],
                route=route,
                status=status,
                seconds=seconds,
                request_id=scope.get(REQUEST_ID),
                trace_id=trace.trace_id if trace is not None else None,
            )
            traces.leave(token)

    def _end(self, trace: traces.Trace, scope: Scope, method: str, route: str, status: int) -> None:
        assert self._tracing is not None  # noqa: S101 (it made the trace)
        self._tracing.end_server(
            trace,
            method=method,
            route=route if route != _UNMATCHED else None,
            path=redact(scope["path"]),
            scheme=scope.get("scheme", "http"),
            status=status,
        )
