"""A TCP proxy that a test can shut, to make a server unreachable without a loss of its state."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Gate:
    """Forwards connections to a port on loopback while it is open; while shut, it closes and refuses connections."""

    def __init__(self, target_port: int) -> None:
        self._target = target_port
        self._open = True
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self) -> None:
        """Close all connections, and new ones immediately."""
        with self._lock:
            self._open = False
            for pair in self._pairs:
                _end(*pair)
            self._pairs.clear()

    def open(self) -> None:
        """Forward new connections again."""
        with self._lock:
            self._open = True

    def close(self) -> None:
        """Stop listening."""
        self.shut()
        _end(self._listener)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                self._forward(self._listener.accept()[0])

    def _forward(self, client: socket.socket) -> None:
        with self._lock:
            if not self._open:
                _end(client)
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            self._pairs.append((client, server))
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


@contextmanager
def gate_to(port: int) -> Iterator[Gate]:
    """Yield an open gate in front of a port."""
    gate = Gate(port)
    try:
        yield gate
    finally:
        gate.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    _end(source, sink)


def _end(*sockets: socket.socket) -> None:
    for each in sockets:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
