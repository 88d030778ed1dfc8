"""One id for each request, in its response and in every log line that it causes."""

import re
from random import getrandbits

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

REQUEST_ID = "drydock.request_id"
"""Key of the id in the ASGI scope."""

_HEADER = b"x-request-id"
_ACCEPTED = re.compile(rb"[A-Za-z0-9._-]{1,128}")  # no character that could forge a log line


class RequestId:
    """Uses the caller's X-Request-ID if it is well formed, else a new one of 32 hex digits."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request with its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = b""
        for name, value in scope["headers"]:
            if name == _HEADER:
                request_id = value
                break
        if not _ACCEPTED.fullmatch(request_id):
            request_id = b"%032x" % getrandbits(128)  # unique but not secret, so a fast generator will do
        scope[REQUEST_ID] = text = request_id.decode()
        bind_contextvars(request_id=text)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (_HEADER, request_id)]
            await send(message)

        await self._app(scope, receive, send_with_id)
