"""One connection: the protocol of uvicorn, with the checks of RFC 9110 and RFC 9112 that llhttp does not make.

llhttp, which uvicorn uses, is strict about syntax and framing. This adds Host, version and target; upgrades, which are
ignored; limits in bytes and in time; and responses to malformed requests, as `application/problem+json` and in the
order of the requests.
"""

from asyncio import AbstractEventLoop, Event
from collections.abc import Callable
from typing import Any

import httptools
import structlog
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from uvicorn.server import ServerState

from app.core.http.problems import RETRY_AFTER_SECONDS, problem, retry_after
from app.core.process.http1.head import MAX_HEADER_BYTES, MAX_HEADERS, MAX_TARGET_BYTES, check_head, check_target
from app.core.process.http1.limits import ConnectionLimits, LimitedConnection, Stage
from app.core.process.http1.refusal import RefusalError, of_parser_error

log = structlog.get_logger()


class HttpConnection(LimitedConnection):
    """Responds to a refused request and closes the connection. `wrap` adds the headers of every response."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
        *,
        limits: ConnectionLimits,
        wrap: Callable[[ASGIApp], ASGIApp],
    ) -> None:
        super().__init__(config, server_state, app_state, _loop, limits=limits)
        self._wrap = wrap
        self._upgrade = self._began = False
        self._head_bytes = self._header_bytes = self._fields = 0
        self._body = b""
        self._set_parser()

    def _set_parser(self) -> None:
        self.parser = httptools.HttpRequestParser(self)
        # Data after Connection: close is ignored, so it may be anything. The version is checked here.
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True, lenient_version=True)

    def data_received(self, data: bytes) -> None:
        """Parse the data; what follows a refused request is ignored."""
        if self.refused or self.lingering.half_closed:
            return
        self._unset_keepalive_if_required()
        self._began = False
        self._body = b""
        try:
            self._feed(data)
            if self.stage is Stage.HEAD and not self._began:
                self._head_bytes += len(data)
                if self._head_bytes > MAX_HEADER_BYTES + MAX_TARGET_BYTES:
                    raise _too_large()
        except httptools.HttpParserError as error:
            self.refuse(of_parser_error(error, data, self._body))
            return
        except RefusalError as refusal:
            self.refuse(refusal)
            return
        self.time_arrival()

    def _feed(self, data: bytes) -> None:
        rest: bytes | None = data
        while rest is not None:
            # Outside of the except block, where the context of an error would be the upgrade and not the callback.
            rest = self._feed_until_upgrade(rest)

    def _feed_until_upgrade(self, data: bytes) -> bytes | None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # Upgrades are ignored (RFC 9110, 7.8). The parser has skipped the body, so parse the request again without
            # the upgrade.
            self._upgrade = False
            fields = b"".join(b"%b: %b\r\n" % field for field in self.headers if field[0] != b"upgrade")
            version = self.parser.get_http_version().encode()
            head = b"%b %b HTTP/%b\r\n%b\r\n" % (self.parser.get_method(), self.url, version, fields)
            self._set_parser()
            return head + data[upgrade.args[0] :]
        return None

    def on_message_begin(self) -> None:
        """Start a request."""
        super().on_message_begin()
        self.stage = Stage.HEAD
        self._began = True
        self._head_bytes = self._header_bytes = self._fields = 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        super().on_url(url)
        if len(self.url) > MAX_TARGET_BYTES:
            raise RefusalError(414, f"a request target may have at most {MAX_TARGET_BYTES} bytes")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the header; those after the body are dropped (RFC 9110, 6.5.1)."""
        self._header_bytes += len(name) + len(value)
        self._fields += 1
        if self._header_bytes > MAX_HEADER_BYTES or self._fields > MAX_HEADERS:
            raise _too_large()
        if self.stage is Stage.HEAD:
            super().on_header(name, value.rstrip(b" \t"))  # not part of the value (RFC 9112, 5.1), but llhttp keeps it

    def on_headers_complete(self) -> None:
        """Check the header, and hand the request to the application."""
        method, version = self.parser.get_method(), self.parser.get_http_version()
        check_head(version, method, self.headers)
        if self.parser.should_upgrade():
            self._upgrade = True
            return
        self.url, authority = check_target(method, self.url)
        if authority is not None:  # it replaces the Host (RFC 9112, 3.2.2)
            self.headers[:] = [field for field in self.headers if field[0] != b"host"] + [(b"host", authority)]
        if version == "1.0":
            self.expect_100_continue = False  # RFC 9110, 10.1.1
        self.stop_timer()
        self.stage = Stage.BODY
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._body = body
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request."""
        if self._upgrade:
            return
        self.stop_timer()
        self.stage = Stage.NOTHING
        super().on_message_complete()

    def refuse(self, refusal: RefusalError) -> None:
        """Respond after the current response, and close."""
        self.refused = True
        self.stop_timer()
        log.info("request refused", status=refusal.status, reason=refusal.detail)
        waits = self.answering
        if self.stage is Stage.BODY:  # the last cycle is that of this request
            if self.pipeline and self.pipeline[0][0] is self.cycle:
                self.pipeline.popleft()  # it has not started, and will not
            elif self.cycle.response_started:
                self.close()
                return
            else:
                # The application sees a disconnected client, and what it sends is dropped.
                self.cycle.disconnected = True
                self.cycle.message_event.set()
                waits = False
        self.cycle = self._response_cycle(refusal)
        app = self._wrap(_problem(refusal))
        if waits:
            self.pipeline.appendleft((self.cycle, app))  # type: ignore[arg-type]  # two spellings of ASGI
        else:
            self._start_asgi_task(self.cycle, app)  # type: ignore[arg-type]

    def _response_cycle(self, refusal: RefusalError) -> RequestResponseCycle:
        if self.stage is Stage.NOTHING:
            self.on_message_begin()
            self.url = b""
        # Without a target the method is not that of this request.
        method = self.parser.get_method().decode() if self.url else "GET"
        # A copy, because the application may still handle the request.
        scope: Any = {**self.scope, "method": method, "path": "", "raw_path": b"", "query_string": b""}
        return RequestResponseCycle(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=Event(),
            expect_100_continue=False,
            keep_alive=False,
            on_response=self.on_response_complete,
        )


def _too_large() -> RefusalError:
    return RefusalError(431, f"the header may have at most {MAX_HEADERS} fields and {MAX_HEADER_BYTES} bytes")


def _problem(refusal: RefusalError) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        headers = retry_after(RETRY_AFTER_SECONDS) if refusal.status == 503 else None
        await problem(refusal.status, refusal.detail, headers=headers)(scope, receive, send)

    return answer
