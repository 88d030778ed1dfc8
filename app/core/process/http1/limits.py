"""How long one connection may last, and how many there may be."""

from abc import abstractmethod
from asyncio import AbstractEventLoop, TimerHandle, Transport
from dataclasses import dataclass
from enum import Enum
from time import monotonic
from typing import Any

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from app.core.process.http1.lingering import LingeringTransport
from app.core.process.http1.refusal import RefusalError

CLOSE_SECONDS = 5.0  # for a client to take the rest of an answer, before the connection is cut


@dataclass(frozen=True, kw_only=True)
class ConnectionLimits:
    """How long a client may take, and how many there may be."""

    header_seconds: float = 10
    """From the connection, or the first byte of a request, until its header is complete."""
    body_seconds: float = 10
    """From the end of the header until the body is complete; also for the client to take an answer."""
    connections: int = 1_000
    """At once. Beyond, the longest idle one is closed for a new one; if none is idle, the new one gets 503."""


class Stage(Enum):
    """What of a request is arriving."""

    NOTHING = 0
    HEAD = 1
    BODY = 2


class LimitedConnection(HttpToolsProtocol):
    """uvicorn's protocol with limits: silent, slow and surplus connections are ended."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
        *,
        limits: ConnectionLimits,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = limits
        self.stage = Stage.NOTHING
        self.refused = False
        self._timer: TimerHandle | None = None
        self._write_timer: TimerHandle | None = None
        self._idle_since = 0.0  # by a clock that is finer than uvloop's, whose unit is a millisecond

    @abstractmethod
    def refuse(self, refusal: RefusalError) -> None:
        """Answer with an error and close."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for a request; see ConnectionLimits.connections."""
        self.lingering = LingeringTransport(transport, self.loop, self._is_arriving)
        super().connection_made(self.lingering)  # type: ignore[arg-type]  # it has all that is used
        self._idle_since = monotonic()
        if len(self.connections) > self._limits.connections and not self._make_room():
            detail = f"{self._limits.connections} connections are open, which is all this process takes; try again"
            self.refuse(RefusalError(503, detail))
            return
        self._time(self._limits.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all clocks."""
        self.stop_timer()
        if self._write_timer is not None:
            self._write_timer.cancel()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def _is_arriving(self) -> bool:
        return self.refused or self.stage is not Stage.NOTHING or bool(self.pipeline)

    def _make_room(self) -> bool:
        others = (other for other in self.connections if isinstance(other, LimitedConnection) and other is not self)
        idle = [other for other in others if other.idle]
        if not idle:
            return False
        oldest = min(idle, key=lambda other: other._idle_since)
        self.connections.discard(oldest)
        oldest.close()
        return True

    @property
    def idle(self) -> bool:
        """True between requests, and until the header of one is complete."""
        return self.stage is not Stage.BODY and not self.answering

    @property
    def answering(self) -> bool:
        """True while the answer to the last request is not complete."""
        return self.cycle is not None and not self.cycle.response_complete

    def close(self) -> None:
        """Close once what was written is taken, but at the latest after CLOSE_SECONDS."""
        self.stop_timer()
        self.transport.close()
        if self.transport.get_write_buffer_size():
            self.loop.call_later(CLOSE_SECONDS, self.transport.abort)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that no request came on."""
        self.close()

    def pause_writing(self) -> None:
        """Give a client that does not take its answer as long as for a body."""
        super().pause_writing()
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self._limits.body_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The client goes on reading."""
        super().resume_writing()
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the end."""
        super().on_response_complete()
        self._idle_since = monotonic()
        if self.transport.is_closing():
            self.close()

    def _time(self, seconds: float) -> None:
        self._timer = self.loop.call_later(seconds, self._late, seconds)

    def stop_timer(self) -> None:
        """Stop to time what arrives."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self, seconds: float) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self.flow.read_paused:
            self._time(seconds)  # it is this side that does not read
        elif self.stage is Stage.NOTHING:
            self.close()  # RFC 9110, 15.5.9 asks for no answer where there is no request
        else:
            part = "header" if self.stage is Stage.HEAD else "body"
            self.refuse(RefusalError(408, f"accepted are requests whose {part} arrives within {seconds:g} s"))

    def time_arrival(self) -> None:
        """Begin to time what has begun to arrive, unless that is timed already."""
        if self._timer is not None or (self.stage is Stage.NOTHING and self.answering):
            return
        if self.stage is Stage.BODY:
            self._time(self._limits.body_seconds)
        elif self.stage is Stage.HEAD or self.timeout_keep_alive_task is None:
            self._time(self._limits.header_seconds)
