"""`python -m bench.service.connections`: what a connection costs by its parser; the figures of decision 0008.

The application answers at once with a few bytes, so that nothing but the server is measured. 32 requests at a time are
on their way on one connection; processor time is that of the server's process.
"""

import socket
import statistics
import sys
from time import monotonic

import uvicorn

from app.core.lifecycle import Lifecycle
from app.core.process.server import server_config
from app.settings import Settings
from bench.service.process import Server, serving
from bench.service.rounds import ROUNDS

CONTENDERS = ("httptools", "h11", "this service")
SECONDS = 3
AT_ONCE = 32
ANSWER = b'{"status":"ready"}'
REQUEST = (
    b"GET /api/v1/items/7?a=b HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n"
    b"Accept-Encoding: gzip, br\r\nX-Request-ID: 0b4e2c9f4a4b4f0c8d3f6c2f1f0a7d11\r\nContent-Length: 0\r\n\r\n"
)


async def application(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
    """Answer every request with the same few bytes."""
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": (await receive())["type"] + ".complete"})
        return
    headers = [(b"content-length", str(len(ANSWER)).encode()), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


def serve(contender: str, port: int) -> None:
    """Serve the application on one of them."""
    if contender == "this service":
        settings = Settings(database_url="postgresql://nobody@127.0.0.1/none")
        config = server_config(application, settings, Lifecycle(), grace_seconds=1)
    else:
        config = uvicorn.Config(application, http=contender, loop="uvloop", access_log=False, log_config=None)  # type: ignore[arg-type]
    uvicorn.Server(config).run([socket.create_server(("127.0.0.1", port))])


def load(server: Server) -> tuple[float, float]:
    """Return requests per second, and milliseconds of processor time for one request."""
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(REQUEST)
        size = len(connection.recv(65_536))
        before, began, count = server.work(), monotonic(), 0
        while monotonic() < began + SECONDS:
            connection.sendall(REQUEST * AT_ONCE)
            left = size * AT_ONCE
            while left > 0:
                left -= len(connection.recv(65_536))
            count += AT_ONCE
        return count / (monotonic() - began), 1000 * (server.work() - before) / count


def main() -> None:
    """Measure in turn and print."""
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in CONTENDERS}
    for _ in range(ROUNDS):
        for name, loads in seen.items():
            with serving(["-m", "bench.service.connections", name, "{port}"], {}) as server:
                loads.append(load(server))
    print(f"{'':<14} {'req/s':>8} {'CPU ms':>8}")
    for name, loads in seen.items():
        rate, work = (statistics.median(figures) for figures in zip(*loads, strict=True))
        print(f"{name:<14} {rate:8.0f} {work:8.3f}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(sys.argv[1], int(sys.argv[2]))
    else:
        main()
