"""A uvicorn server that loses no request when its process is replaced.

On SIGTERM it is not ready at once, but accepts and serves requests for DRAIN_SECONDS, until load balancers send no
more. Then it closes the listeners, finishes requests in flight within SHUTDOWN_GRACE_SECONDS, closes the pool and exits
with 0. uvicorn alone would close the listeners first, and requests on their way would be refused.
"""

import signal
import socket
from functools import partial
from types import FrameType
from typing import Any

import structlog
import uvicorn
from starlette.types import ASGIApp

from app.core.http.middleware.request_id import RequestId
from app.core.http.middleware.response_headers import ResponseHeaders
from app.core.lifecycle import Lifecycle
from app.core.process.http1.connection import HttpConnection
from app.core.process.http1.limits import ConnectionLimits
from app.settings import Settings

BACKLOG = 2048

log = structlog.get_logger()


class ListenError(Exception):
    """The process cannot listen on the address."""


class DrainingServer(uvicorn.Server):
    """uvicorn with a drain between the signal and the shutdown."""

    def __init__(self, config: uvicorn.Config, lifecycle: Lifecycle, drain_seconds: float) -> None:
        super().__init__(config)
        self._lifecycle = lifecycle
        self._drain_seconds = drain_seconds
        self._logged = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Start the drain; a second signal, or Ctrl-C at a terminal, skips it.

        Unlike uvicorn it does not raise the signal again after the shutdown, because the shutdown is a success.
        """
        if self._lifecycle.draining or sig == signal.SIGINT:
            self.force_exit = self.should_exit and sig == signal.SIGINT
            self.should_exit = True
        self._lifecycle.start_draining()

    async def on_tick(self, counter: int) -> bool:
        """Check, ten times a second, whether to stop."""
        if self._lifecycle.draining and not self._logged:
            self._logged = True
            # Not in the signal handler: it may have interrupted another write to the log.
            log.info("draining", seconds=self._drain_seconds)
        return await super().on_tick(counter) or self._lifecycle.drained(self._drain_seconds)


def listen(host: str, port: int, setting: str = "PORT") -> socket.socket:
    """Return a listening socket. Raises ListenError with what to change; `setting` names the setting of the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ListenError(f"cannot listen on {host} port {port}: {reason}; set HOST and {setting}") from None


def server_config(app: ASGIApp, settings: Settings, lifecycle: Lifecycle, grace_seconds: int) -> uvicorn.Config:
    """Return the configuration of a server; workers use it too.

    `grace_seconds` is how long requests in flight may take after the listeners are closed.
    """
    limits = ConnectionLimits(
        header_seconds=settings.header_timeout_seconds,
        body_seconds=settings.request_timeout_seconds,
        connections=settings.max_client_connections,
    )

    def wrap(refusal: ASGIApp) -> ASGIApp:
        # For what the connection itself refuses, which no other middleware sees.
        return RequestId(ResponseHeaders(refusal, lifecycle, settings.trusted_proxy_cidrs))

    protocol: Any = partial(HttpConnection, limits=limits, wrap=wrap)
    return uvicorn.Config(
        app,
        lifespan="on",
        loop="uvloop",
        http=protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=grace_seconds,
    )
