"""A close in stages (RFC 9112, 9.6).

While a client is still sending, a plain close makes the kernel send a reset, which makes the kernel of the client drop
what the client has not read yet: the response with the reason.
"""

from asyncio import AbstractEventLoop, Transport
from collections.abc import Callable
from typing import Any

LINGER_SECONDS = 2.0  # for the client to read the response and close


class LingeringTransport:
    """A transport whose `close` closes only its own side while data may arrive, and drops that data."""

    def __init__(self, transport: Transport, loop: AbstractEventLoop, is_arriving: Callable[[], bool]) -> None:
        self._transport = transport
        self._loop = loop
        self._is_arriving = is_arriving
        self.half_closed = False
        self.write = transport.write  # used by every response

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        """Return whether nothing may be written."""
        return self.half_closed or self._transport.is_closing()

    def close(self) -> None:
        """Send what was written, then close; immediately if no data can arrive."""
        if self.is_closing():
            return
        if not self._is_arriving():
            self._transport.close()
            return
        self.half_closed = True
        self._transport.write_eof()
        self._transport.resume_reading()
        self._loop.call_later(LINGER_SECONDS, self._transport.abort)
