"""Load shedding: refuse a request at once instead of queueing more than can be served in time."""

from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.http.paths import OPERATIONAL, under
from app.core.http.problems import RETRY_AFTER_SECONDS, problem, retry_after
from app.core.http.refusals import REFUSED


class LoadShedding:
    """Returns 503 while `max_in_flight` requests are being served."""

    def __init__(self, app: ASGIApp, max_in_flight: int) -> None:
        self._app = app
        self._max_in_flight = max_in_flight
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request unless there are too many."""
        if scope["type"] != "http" or under(scope["path"], OPERATIONAL):
            await self._app(scope, receive, send)
            return
        if self._in_flight >= self._max_in_flight:
            detail = f"the server is at its limit of {self._max_in_flight} concurrent requests; try again"
            scope[REFUSED] = "shed"
            await problem(503, detail, headers=retry_after(RETRY_AFTER_SECONDS))(scope, receive, send)
            return
        self._in_flight += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._in_flight -= 1
