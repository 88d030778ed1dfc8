"""A TCP proxy that distributes connections over the endpoints of one Service port.

Like a network load balancer, it forwards bytes without interpreting HTTP. A connection stays with its endpoint until
one side closes it, even if the endpoint is removed; changes affect new connections only. The two directions are closed
independently, and backpressure is applied to the sender if the receiver reads slowly.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import cast

from localcloud.gateway.endpoints import Address

log = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0
BACKLOG = 1024


class Backends:
    """The endpoints of a port, used in round-robin order."""

    def __init__(self) -> None:
        self._addresses: list[Address] = []
        self._turn = 0

    def replace(self, addresses: Sequence[Address]) -> None:
        """Replace the endpoints used for new connections."""
        self._addresses = list(addresses)

    def in_turn(self) -> list[Address]:
        """Return all endpoints, starting with the next one in round-robin order."""
        count = len(self._addresses)
        if not count:
            return []
        self._turn = (self._turn + 1) % count
        return self._addresses[self._turn :] + self._addresses[: self._turn]


class _Side(asyncio.Protocol):
    """One side of a proxied connection; `peer` is the other side."""

    transport: asyncio.Transport | None = None
    peer: "_Side | None" = None
    _ended = False
    _lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self.peer and self.peer.transport:
            self.peer.transport.write(data)

    def eof_received(self) -> bool:
        """Forward the end of the stream, and keep the other direction open until it has ended too."""
        self._ended = True
        peer = self.peer
        if peer is None or peer.transport is None:
            return not self._lost
        if peer.transport.can_write_eof() and not peer.transport.is_closing():
            peer.transport.write_eof()
        return not peer._ended

    def connection_lost(self, error: Exception | None) -> None:
        self._lost = True
        peer, self.peer = self.peer, None
        if peer and peer.transport:
            if error:
                peer.transport.abort()  # forward a connection reset as a reset
            else:
                peer.transport.close()

    def pause_writing(self) -> None:
        if self.peer and self.peer.transport and not self.peer.transport.is_closing():
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.peer and self.peer.transport and not self.peer.transport.is_closing():
            self.peer.transport.resume_reading()


class _Client(_Side):
    """The client side of a connection; buffers received data until an endpoint is connected."""

    def __init__(self, backends: Backends, tasks: set[asyncio.Task[None]]) -> None:
        self._backends = backends
        self._tasks = tasks
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.transport:
            task = asyncio.get_running_loop().create_task(self._connect(self.transport))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def data_received(self, data: bytes) -> None:
        if self.peer:
            super().data_received(data)
            return
        # Pause reading only now: uvloop starts reading after connection_made, even if that paused it.
        self._early.append(data)
        if self.transport:
            self.transport.pause_reading()

    async def _connect(self, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        for host, port in self._backends.in_turn():
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    _, server = await loop.create_connection(_Side, host, port)
            except OSError:  # refused or timed out: try the next endpoint
                continue
            if transport.is_closing():
                if server.transport:
                    server.transport.close()
                return
            self.peer, server.peer = server, self
            for data in self._early:
                super().data_received(data)
            if self._ended:
                self.eof_received()
            elif self._early:
                transport.resume_reading()
            self._early.clear()
            return
        transport.abort()


class Listener:
    """One port of the load balancer."""

    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, address: str, port: int) -> None:
        """Start listening.

        Raises:
            OSError: the port is in use, or the user is not allowed to open it.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Client(self._backends, self._tasks), address, port, backlog=BACKLOG, reuse_address=True
        )

    def close(self) -> None:
        """Stop accepting connections; existing connections continue."""
        if self._server:
            self._server.close()
