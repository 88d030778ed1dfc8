"""A close in stages (RFC 9112, 9.6).

Where a client is still sending, a plain close makes the kernel answer with a reset, and that makes the client's kernel
drop what the client has not read yet: the answer that says what was wrong.
"""

from asyncio import AbstractEventLoop, Transport
from collections.abc import Callable
from typing import Any

LINGER_SECONDS = 2.0  # for the client to read the answer and to close


class LingeringTransport:
    """A transport whose `close` ends its own side only, while more may arrive, and drops what arrives."""

    def __init__(self, transport: Transport, loop: AbstractEventLoop, is_arriving: Callable[[], bool]) -> None:
        self._transport = transport
        self._loop = loop
        self._is_arriving = is_arriving
        self.half_closed = False
        self.write = transport.write  # every answer goes through it

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        """Return whether nothing may be written any more."""
        return self.half_closed or self._transport.is_closing()

    def close(self) -> None:
        """Send what was written, then close; at once where nothing can be on its way."""
        if self.is_closing():
            return
        if not self._is_arriving():
            self._transport.close()
            return
        self.half_closed = True
        self._transport.write_eof()
        self._transport.resume_reading()
        self._loop.call_later(LINGER_SECONDS, self._transport.abort)
