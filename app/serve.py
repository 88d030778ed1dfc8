"""`serve`: one uvicorn process that loses no request when it is replaced.

On SIGTERM: not ready at once; go on accepting and answering for DRAIN_SECONDS, while load balancers notice;
then close the listeners and finish what is in flight within SHUTDOWN_GRACE_SECONDS; close the pool; exit 0.
uvicorn alone would close the listeners first, and requests still on their way would be refused.
"""

import gc
import signal
import socket
from functools import partial
from types import FrameType
from typing import Any

import structlog
import uvicorn
from starlette.types import ASGIApp

from app.http1.connection import HttpConnection
from app.http1.limits import ConnectionLimits
from app.lifecycle import Lifecycle
from app.middleware.request_id import RequestId
from app.middleware.response_headers import ResponseHeaders
from app.settings import Settings

BACKLOG = 2048

log = structlog.get_logger()


class ListenError(Exception):
    """The address cannot be listened on."""


class DrainingServer(uvicorn.Server):
    """uvicorn with a drain between the signal and the end."""

    def __init__(self, config: uvicorn.Config, lifecycle: Lifecycle, drain_seconds: float) -> None:
        super().__init__(config)
        self._lifecycle = lifecycle
        self._drain_seconds = drain_seconds
        self._told = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin the drain; a second signal, or Ctrl-C at a terminal, skips it.

        Unlike uvicorn's it does not keep the signal to raise it again at the end: this end is a success.
        """
        if self._lifecycle.draining or sig == signal.SIGINT:
            self.force_exit = self.should_exit and sig == signal.SIGINT
            self.should_exit = True
        self._lifecycle.start_draining()

    async def on_tick(self, counter: int) -> bool:
        """Look, ten times a second, whether it is time to stop."""
        if self._lifecycle.draining and not self._told:
            self._told = True
            # Not in the signal handler: it may have interrupted another write to the log.
            log.info("draining", seconds=self._drain_seconds)
        return await super().on_tick(counter) or self._lifecycle.drained(self._drain_seconds)


def listen(host: str, port: int, setting: str = "PORT") -> socket.socket:
    """Return a listening socket. Raises ListenError with what to change; `setting` is what says the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ListenError(f"cannot listen on {host} port {port}: {reason}; set HOST and {setting}") from None


def server_config(app: ASGIApp, settings: Settings, lifecycle: Lifecycle, grace_seconds: int) -> uvicorn.Config:
    """Return the configuration that servers and workers share.

    `grace_seconds` is how long requests in flight may take once the listeners are closed.
    """
    limits = ConnectionLimits(
        header_seconds=settings.header_timeout_seconds,
        body_seconds=settings.request_timeout_seconds,
        connections=settings.max_client_connections,
    )

    def wrap(answer: ASGIApp) -> ASGIApp:
        # For what the connection itself refuses, which no other middleware sees.
        return RequestId(ResponseHeaders(answer, lifecycle))

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


def serve(settings: Settings) -> None:
    """Serve until a signal ends it. Raises ListenError if it cannot begin."""
    from app.main import create_app  # noqa: PLC0415 (the worker has this server too, without the API)

    listeners = [listen(settings.host, settings.port)]
    if settings.admin_port is not None:
        listeners.append(listen(settings.host, settings.admin_port, "ADMIN_PORT"))
        # One server has both, so they drain together; the application tells them apart by the port, 0 taken or not.
        settings = settings.model_copy(update={"admin_port": listeners[1].getsockname()[1]})
    lifecycle = Lifecycle()
    config = server_config(create_app(settings, lifecycle), settings, lifecycle, settings.shutdown_grace_seconds)
    host, port = listeners[0].getsockname()[:2]
    admin = {"admin_port": settings.admin_port} if settings.admin_port is not None else {}
    log.info("listening", host=host, port=port, environment=settings.environment, **admin)
    # What there is by now stays for good. The collector went through it over and over, for a quarter of the time of a
    # read, and half of the slowest percent was its pauses.
    gc.collect()
    gc.freeze()
    DrainingServer(config, lifecycle, settings.drain_seconds).run(listeners)
    log.info("stopped")
