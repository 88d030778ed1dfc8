"""Raw HTTP: a server on loopback, and a client that sends any bytes."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from app.core.lifecycle import Lifecycle
from app.core.process.server import server_config
from app.settings import Settings
from tests.support.service import until

HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An unmodified answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        """The problem in the body. Fails if it is not a problem."""
        assert self.headers["content-type"] == "application/problem+json", self
        found: dict[str, Any] = json.loads(self.body)
        assert found["status"] == self.status, self
        assert found["title"], self
        assert found["request_id"] == self.headers["x-request-id"], self
        return found


class RawConnection:
    """A connection. Reading fails with TimeoutError after `seconds` without a byte."""

    def __init__(self, port: int, seconds: float = 10, receive_bytes: int | None = None) -> None:
        self.socket = socket.socket()
        if receive_bytes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(seconds)
        self.socket.connect((HOST, port))
        self._read = b""

    def __enter__(self) -> "RawConnection":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> bool:
        """Send all bytes; return False if the server has closed the connection."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def line(self) -> bytes:
        """Read a line; if the server closes, the rest without a line end."""
        while b"\n" not in self._read and self._more():
            pass
        line, end, self._read = self._read.partition(b"\n")
        return line + end

    def answer(self, method: str = "GET") -> Answer | None:
        """Read the next final answer; None if the server closes the connection instead."""
        while True:
            line = self.line()
            if not line:
                return None
            version, status = line.split()[:2]
            assert version == b"HTTP/1.1", line
            headers = {}
            while (field := self.line().strip()) != b"":
                name, _, value = field.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            if int(status) >= 200:
                break
        assert "transfer-encoding" not in headers, headers
        empty = method == "HEAD" or int(status) in (204, 304)
        length = 0 if empty else int(headers["content-length"])
        while len(self._read) < length:
            assert self._more(), "the body of the answer is cut short"
        body, self._read = self._read[:length], self._read[length:]
        return Answer(status=int(status), headers=headers, body=body)

    def closed(self) -> bool:
        """Return whether the server closes the connection without sending more."""
        return not self._read and not self._more()

    def silent(self, seconds: float) -> bool:
        """Return whether for this time nothing arrives and the server does not close."""
        before = self.socket.gettimeout()
        self.socket.settimeout(seconds)
        try:
            self._more()
            return False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(before)

    def rest(self, seconds: float) -> bytes:
        """Return all bytes until the server closes, or sends nothing for this time."""
        self.socket.settimeout(seconds)
        with suppress(TimeoutError):
            while self._more():
                pass
        return self._read

    def _more(self) -> bool:
        try:
            data = self.socket.recv(65_536)
        except ConnectionResetError:
            return False
        self._read += data
        return bool(data)


def ask(port: int, data: bytes, method: str = "GET") -> Answer:
    """Send the bytes on a new connection, and return the first answer."""
    with RawConnection(port) as connection:
        connection.send(data)
        answer = connection.answer(method)
    assert answer is not None, data
    return answer


@contextmanager
def running(app: ASGIApp, **settings: Any) -> Iterator[tuple[int, uvicorn.Server]]:
    """Serve an application as the service is served, in a thread; yield the port and the server."""
    lifecycle = Lifecycle()
    config = server_config(app, Settings(database_url="postgresql://nobody@127.0.0.1/none", **settings), lifecycle, 1)
    server = uvicorn.Server(config)
    listener = socket.create_server((HOST, 0))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    until(lambda: server.started)
    try:
        yield listener.getsockname()[1], server
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def listening(app: ASGIApp, **settings: Any) -> Iterator[int]:
    """Serve an application as `running`; yield the port only."""
    with running(app, **settings) as (port, _):
        yield port


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with method, target, headers and body of the request.

    `/early` does not read the body, `/wait` takes 0.2 s, `/large` has a large answer.
    """
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": (await receive())["type"] + ".complete"})
        return
    if scope["path"] == "/early":  # without reading the body
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})
        return
    if scope["path"] == "/wait":
        await asyncio.sleep(0.2)
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message["body"]
        more = message["more_body"]
    told = {
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode("latin-1"),
        "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]],
        "body": body.decode("latin-1"),
    }
    text = b"x" * 30_000_000 if scope["path"] == "/large" else json.dumps(told).encode()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(text)).encode())]}
    )
    await send({"type": "http.response.body", "body": text})
