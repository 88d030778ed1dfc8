"""Limits on the duration of connections and on their number."""

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

CLOSE_SECONDS = 5.0  # for a client to read the rest of a response, before the connection is aborted


@dataclass(frozen=True, kw_only=True)
class ConnectionLimits:
    """Limits on the time that clients may take, and on the number of connections."""

    header_seconds: float = 10
    """From the connection, or the first byte of a request, until its header is complete."""
    body_seconds: float = 10
    """From the end of the header until the body is complete; also for the client to read a response."""
    connections: int = 1_000
    """Maximum of connections. Above it, the longest idle one is closed; if none is idle, the new one gets a 503."""


class Stage(Enum):
    """The part of a request that is arriving."""

    NOTHING = 0
    HEAD = 1
    BODY = 2


class LimitedConnection(HttpToolsProtocol):
    """The protocol of uvicorn with limits: idle, slow and surplus connections are closed."""

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
        self._idle_since = 0.0  # not by the clock of uvloop, whose resolution is a millisecond

    @abstractmethod
    def refuse(self, refusal: RefusalError) -> None:
        """Respond with an error and close."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for a request; see ConnectionLimits.connections."""
        self.lingering = LingeringTransport(transport, self.loop, self._is_arriving)
        super().connection_made(self.lingering)  # type: ignore[arg-type]  # it has all that is used
        self._idle_since = monotonic()
        if len(self.connections) > self._limits.connections and not self._make_room():
            detail = f"the server is at its limit of {self._limits.connections} connections; try again"
            self.refuse(RefusalError(503, detail))
            return
        self._time(self._limits.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all timers."""
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
        """True while the last response is not complete."""
        return self.cycle is not None and not self.cycle.response_complete

    def close(self) -> None:
        """Close once the client has read what was written, or after CLOSE_SECONDS."""
        self.stop_timer()
        self.transport.close()
        if self.transport.get_write_buffer_size():
            self.loop.call_later(CLOSE_SECONDS, self.transport.abort)

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection."""
        self.close()

    def pause_writing(self) -> None:
        """Limit the time for which a client does not read its response."""
        super().pause_writing()
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self._limits.body_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop that timer when the client reads again."""
        super().resume_writing()
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the close."""
        super().on_response_complete()
        self._idle_since = monotonic()
        if self.transport.is_closing():
            self.close()

    def _time(self, seconds: float) -> None:
        self._timer = self.loop.call_later(seconds, self._late, seconds)

    def stop_timer(self) -> None:
        """Stop the timer of the request."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self, seconds: float) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self.flow.read_paused:
            self._time(seconds)  # this side does not read
        elif self.stage is Stage.NOTHING:
            self.close()  # RFC 9110, 15.5.9: no response without a request
        else:
            part = "header" if self.stage is Stage.HEAD else "body"
            self.refuse(RefusalError(408, f"the {part} of the request did not arrive within {seconds:g} s"))

    def time_arrival(self) -> None:
        """Start the timer for what is arriving, unless it runs."""
        if self._timer is not None or (self.stage is Stage.NOTHING and self.answering):
            return
        if self.stage is Stage.BODY:
            self._time(self._limits.body_seconds)
        elif self.stage is Stage.HEAD or self.timeout_keep_alive_task is None:
            self._time(self._limits.header_seconds)
