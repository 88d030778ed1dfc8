"""One pass over every request: metrics, trace, log line, record; and an answer for errors that nobody expected."""

from time import perf_counter
from typing import Protocol

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middleware.exempt import EXEMPT, under
from app.middleware.refused import REFUSED
from app.middleware.request_id import REQUEST_ID
from app.problems import problem
from app.telemetry import trace as traces
from app.telemetry.access_log import access_log
from app.telemetry.metrics import Metrics
from app.telemetry.redaction import redact
from app.telemetry.tracing import Tracing

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_READS = {"GET", "HEAD"}
_UNMATCHED = "unmatched"
_CLIENT_GONE = 499  # as nginx has it: the client was gone, or the process stopped, before the answer began

log = structlog.get_logger()


class Records(Protocol):
    """What remembers requests for the service levels."""

    def note(self, status: int, seconds: float, read: bool, stale: bool) -> None:
        """Count one request."""


class Observe:
    """Labels are bounded: the route's template, never the path; unknown methods and paths share one value.

    Probes and the pages of operators are neither counted nor traced: they would make the service look better.
    """

    def __init__(
        self, app: ASGIApp, *, metrics: Metrics, tracing: Tracing | None = None, recorder: Records | None = None
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._tracing = tracing
        self._recorder = recorder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, then tell of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        degraded = ""
        exempt = under(scope["path"], EXEMPT)

        async def send_and_note(message: Message) -> None:
            nonlocal status, degraded
            if message["type"] == "http.response.start":
                status = message["status"]
                for name, value in message.get("headers", ()):
                    if name == b"x-degraded":
                        degraded = value.decode("latin-1")
            await send(message)

        metrics = self._metrics
        trace = None if exempt or self._tracing is None else self._tracing.server(scope["headers"])
        # Set even if there is none: who calls us in this process may be in a trace of its own.
        token = traces.enter(trace)
        start = perf_counter()
        if not exempt:
            metrics.in_flight += 1
        try:
            await self._app(scope, receive, send_and_note)
        except Exception:
            log.exception("request failed", path=scope["path"])
            if status:
                raise  # the answer has begun; only closing the connection can tell the client
            await problem(500, "an unexpected error, which is logged")(scope, receive, send_and_note)
        finally:
            seconds = perf_counter() - start
            status = status or _CLIENT_GONE
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            route = getattr(scope.get("route"), "path", _UNMATCHED)
            if not exempt:
                metrics.in_flight -= 1
                sampled = trace is not None and trace.span is not None
                metrics.answered(method, route, status, seconds, trace.trace_id if trace and sampled else None)
                if status >= 400:
                    metrics.refused(status, scope.get(REFUSED))
                if degraded:
                    metrics.degraded(degraded)
                if self._recorder is not None:
                    self._recorder.note(status, seconds, method in _READS, bool(degraded))
                if trace and sampled:
                    self._end(trace, scope, method, route, status)
            access_log.write(
                probe=exempt,
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
        assert self._tracing is not None  # noqa: S101 (a trace is from it)
        self._tracing.end_server(
            trace,
            method=method,
            route=route if route != _UNMATCHED else None,
            path=redact(scope["path"]),
            scheme=scope.get("scheme", "http"),
            status=status,
        )
