"""A time by which every request is answered, one way or the other."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middleware.exempt import EXEMPT, under
from app.middleware.refused import REFUSED
from app.problems import RETRY_AFTER_SECONDS, problem, retry_after


class Deadline:
    """Answers with 503 where the answer has not begun within `seconds`, and ends what was working on it."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request in its time."""
        if scope["type"] != "http" or under(scope["path"], EXEMPT):
            await self._app(scope, receive, send)
            return
        began = False

        async def send_and_note(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        deadline = asyncio.timeout(self._seconds)
        try:
            async with deadline:
                await self._app(scope, receive, send_and_note)
        except TimeoutError:
            # Half an answer cannot be taken back; closing the connection tells the client. Another's is an error.
            if began or not deadline.expired():
                raise
            detail = f"no answer within {self._seconds:g} s, which is all the time a request has; try again"
            scope[REFUSED] = "deadline"
            await problem(503, detail, headers=retry_after(RETRY_AFTER_SECONDS))(scope, receive, send)
