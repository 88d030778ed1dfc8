"""A deadline for every request."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.http.paths import OPERATIONAL, under
from app.core.http.problems import RETRY_AFTER_SECONDS, problem, retry_after
from app.core.http.refusals import REFUSED


class Deadline:
    """Returns 503 if the response has not begun within `seconds`, and cancels the request."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request within the deadline."""
        if scope["type"] != "http" or under(scope["path"], OPERATIONAL):
            await self._app(scope, receive, send)
            return
        began = False

        async def send_and_record(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        deadline = asyncio.timeout(self._seconds)
        try:
            async with deadline:
                await self._app(scope, receive, send_and_record)
        except TimeoutError:
            # Half a response cannot be replaced; closing the connection tells the client. Other timeouts are errors.
            if began or not deadline.expired():
                raise
            detail = f"the request timed out after {self._seconds:g} s; try again"
            scope[REFUSED] = "deadline"
            await problem(503, detail, headers=retry_after(RETRY_AFTER_SECONDS))(scope, receive, send)
