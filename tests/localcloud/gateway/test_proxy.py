"""The TCP proxy. Real: sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any

import uvloop

from localcloud.gateway.proxy import Backends, Listener
from tests.support.ports import free_ports

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def on_uvloop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Return the event loop of the node, which differs from asyncio's own, for example in when it reads."""

    @wraps(test)
    def run() -> None:
        uvloop.run(test())

    return run


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with the request after its end."""
    writer.write(b"echo:" + await reader.read())
    await writer.drain()
    writer.close()


def naming(name: bytes) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1):
            writer.write(name)

    return handler


@asynccontextmanager
async def proxied(*handlers: Handler) -> AsyncIterator[tuple[Backends, int, list[tuple[str, int]]]]:
    """Run servers behind a proxy; yield its endpoints, its port, and the servers' addresses."""
    servers = [await asyncio.start_server(handler, "127.0.0.1", 0) for handler in handlers]
    addresses: list[tuple[str, int]] = [server.sockets[0].getsockname()[:2] for server in servers]
    backends = Backends()
    backends.replace(addresses)
    listener = Listener(backends)
    port = free_ports("listener")["listener"]
    await listener.open("127.0.0.1", port)
    try:
        yield backends, port, addresses
    finally:
        listener.close()
        for server in servers:
            server.close()


async def ask(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"?")
    answer = await reader.read(1)
    writer.close()
    return answer


@on_uvloop
async def test_passes_on_a_half_close() -> None:
    """The server sees the end of the request, and its response still arrives."""
    async with proxied(echo) as (_, port, _addresses):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello")
        writer.write_eof()

        assert await reader.read() == b"echo:hello"


@on_uvloop
async def test_transfers_more_than_a_buffer() -> None:
    """32 MiB are echoed completely: a slow reader slows the sender, and nothing is lost."""
    payload = bytes(range(256)) * 131072
    async with proxied(echo) as (_, port, _addresses):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def send() -> None:
            writer.write(payload)
            writer.write_eof()
            await writer.drain()

        _, answer = await asyncio.gather(send(), reader.read())

        assert answer == b"echo:" + payload


@on_uvloop
async def test_spreads_connections_evenly() -> None:
    """Endpoints are used in turn."""
    async with proxied(naming(b"a"), naming(b"b")) as (_, port, _addresses):
        answers = [await ask(port) for _ in range(10)]

        assert sorted(answers) == [b"a"] * 5 + [b"b"] * 5


@on_uvloop
async def test_tries_the_next_endpoint_if_one_refuses() -> None:
    """No request fails because of a pod that just ended."""
    async with proxied(naming(b"a")) as (backends, port, addresses):
        backends.replace([("127.0.0.1", free_ports("none")["none"]), *addresses])

        assert [await ask(port) for _ in range(4)] == [b"a"] * 4


@on_uvloop
async def test_keeps_connections_to_a_removed_endpoint() -> None:
    """Only new connections use the changed endpoints."""
    async with proxied(naming(b"a"), naming(b"b")) as (backends, port, addresses):
        backends.replace(addresses[:1])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"?")
        assert await reader.read(1) == b"a"

        backends.replace(addresses[1:])
        writer.write(b"?")

        assert await reader.read(1) == b"a"
        assert await ask(port) == b"b"
        writer.close()


@on_uvloop
async def test_closes_connections_without_an_endpoint() -> None:
    """The client's connection is closed immediately."""
    async with proxied() as (_, port, _addresses):
        reader, _writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            answer = await asyncio.wait_for(reader.read(), 2)
        except ConnectionResetError:
            answer = b""

        assert answer == b""


@on_uvloop
async def test_transfers_thousands_of_requests_per_second() -> None:
    """The proxy must not limit benchmarks of the service. Client, proxy and server share one core here."""
    async with proxied(naming(b"a")) as (_, port, _addresses):
        answered = 0

        async def client(seconds: float) -> None:
            nonlocal answered
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            end = asyncio.get_running_loop().time() + seconds
            while asyncio.get_running_loop().time() < end:
                writer.write(b"?")
                await reader.readexactly(1)
                answered += 1
            writer.close()

        await asyncio.gather(*(client(1) for _ in range(16)))

        assert answered > 1000
