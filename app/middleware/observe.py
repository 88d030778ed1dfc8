"""Metrics and one log line for every request, and an answer for errors that nobody expected."""

from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.metrics import Metrics
from app.problems import problem

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_PROBES = ("/health", "/metrics")

log = structlog.get_logger()


class Observe:
    """Labels are bounded: the route's template, never the path; unknown methods and paths share one value."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, then count and log it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        start = perf_counter()
        self._metrics.in_flight.inc()
        try:
            await self._app(scope, receive, send_and_note)
        except Exception:
            log.exception("request failed", path=scope["path"])
            if status:
                raise  # the answer has begun; only closing the connection can tell the client
            await problem(500, "an unexpected error, which is logged")(scope, receive, send_and_note)
        finally:
            self._metrics.in_flight.dec()
            # 499, as nginx has it: the client was gone, or the process stopped, before the answer began.
            self._record(scope, status or 499, perf_counter() - start)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = getattr(scope.get("route"), "path", "unmatched")
        self._metrics.requests.labels(method, route, status).inc()
        self._metrics.seconds.labels(method, route).observe(seconds)
        write = log.debug if route.startswith(_PROBES) else log.info
        # The path, not the query: a filter may hold personal data.
        write(
            "request",
            method=method,
            path=scope["path"],
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 2),
        )
