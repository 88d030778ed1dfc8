"""A TCP proxy that spreads connections over the endpoints of one Service port.

It carries bytes and knows no HTTP, as a network load balancer. A connection stays with its endpoint until one of the
two sides closes it, also when the endpoint is taken out; only new connections follow a change. Each direction is closed
by itself, and a side that reads slowly slows the other down.
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
    """The endpoints of a port, taken in turn."""

    def __init__(self) -> None:
        self._addresses: list[Address] = []
        self._turn = 0

    def replace(self, addresses: Sequence[Address]) -> None:
        """Use these for new connections from now on."""
        self._addresses = list(addresses)

    def in_turn(self) -> list[Address]:
        """Return all of them, the one whose turn it is first."""
        count = len(self._addresses)
        if not count:
            return []
        self._turn = (self._turn + 1) % count
        return self._addresses[self._turn :] + self._addresses[: self._turn]


class _Side(asyncio.Protocol):
    """One side of a proxied connection; `peer` is the other."""

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
        """Pass the end on and keep the other direction open, until that has ended too."""
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
                peer.transport.abort()  # a reset is passed on as a reset
            else:
                peer.transport.close()

    def pause_writing(self) -> None:
        if self.peer and self.peer.transport and not self.peer.transport.is_closing():
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.peer and self.peer.transport and not self.peer.transport.is_closing():
            self.peer.transport.resume_reading()


class _Client(_Side):
    """The side of whoever connects to the load balancer; keeps what it says until there is an endpoint."""

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
        # Reading is paused only now: uvloop starts to read after connection_made, whatever that asked for.
        self._early.append(data)
        if self.transport:
            self.transport.pause_reading()

    async def _connect(self, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        for host, port in self._backends.in_turn():
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    _, server = await loop.create_connection(_Side, host, port)
            except OSError:  # refused, or no answer in time: the next one may take it
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
        """Listen.

        Raises:
            OSError: the port is in use or not allowed.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Client(self._backends, self._tasks), address, port, backlog=BACKLOG, reuse_address=True
        )

    def close(self) -> None:
        """Take no new connections; those that there are go on."""
        if self._server:
            self._server.close()
