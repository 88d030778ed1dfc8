"""Injects faults into requests: a delay, or an error status."""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.http.paths import OPERATIONAL, under
from app.core.http.problems import RETRY_AFTER_SECONDS, problem, retry_after
from app.faults.faults import Faults

_TEMPORARY = (429, 503)  # these always have Retry-After


class InjectFaults:
    """Delays or fails requests as `faults` says, except operational paths."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, unless a fault applies."""
        if not self._faults.any or scope["type"] != "http" or under(scope["path"], OPERATIONAL):
            await self._app(scope, receive, send)
            return
        await asyncio.sleep(self._faults.delay_seconds())
        status = self._faults.status()
        if status is None:
            await self._app(scope, receive, send)
            return
        headers = {"X-Fault": "injected", **(retry_after(RETRY_AFTER_SECONDS) if status in _TEMPORARY else {})}
        await problem(status, "a fault that was injected for a drill", headers=headers)(scope, receive, send)
