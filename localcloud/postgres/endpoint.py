"""The RDS endpoint: TLS in front of the real server, as `rds.force_ssl` wants it.

PostgreSQL's TLS begins inside its own protocol: the client asks with an SSLRequest, the server says `S`, and only then
comes the handshake (PostgreSQL documentation, 54.2.10). A client that does not ask is refused with the error that RDS
gives it.

For drills, a file makes the way to the database slow, and not the way back: a number of milliseconds, read anew for
every message of a client.
"""

import asyncio
import ssl
import struct
from contextlib import suppress
from pathlib import Path

from localcloud.certificates import AUTHORITY_FOLDER, Authority
from localcloud.files import write_private

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
GSS_REQUEST = struct.pack("!ii", 8, 80877104)
CANCEL_CODE = 80877102
CHUNK_BYTES = 64 * 1024
LATENCY_FILE = "drills/database-latency-ms"
LONGEST_LATENCY_MS = 60_000
NAMES = ("localhost", "127.0.0.1")
"""What clients call the endpoint, which `verify-full` compares with the certificate."""


def tls_context(folder: Path) -> ssl.SSLContext:
    """The endpoint's certificate, issued by the local authority for each name that loopback has.

    Args:
        folder: the local cloud's folder.
    """
    certificate, key = folder / "rds.crt", folder / "rds.key"
    certificate_pem, key_pem = Authority.ensure(folder / AUTHORITY_FOLDER).issue("rds", NAMES)
    write_private(key, key_pem)
    write_private(certificate, certificate_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def serve(port: int, backend_port: int, context: ssl.SSLContext, latency: Path | None = None) -> asyncio.Server:
    """Listen on 127.0.0.1:port and pass every encrypted connection to the server on `backend_port`.

    Args:
        port: 0 takes a free one.
        backend_port: the real server's, on loopback.
        context: the endpoint's certificate.
        latency: file with the milliseconds that each message to the database waits; missing: none.
    """

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
            await _serve_client(reader, writer, backend_port, context, latency)
        writer.close()

    return await asyncio.start_server(handle, "127.0.0.1", port, limit=CHUNK_BYTES)


async def _serve_client(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    backend_port: int,
    context: ssl.SSLContext,
    latency: Path | None,
) -> None:
    first = await reader.readexactly(8)
    if first == GSS_REQUEST:
        writer.write(b"N")
        first = await reader.readexactly(8)
    if first == SSL_REQUEST:
        writer.write(b"S")
        await writer.drain()
        await writer.start_tls(context)
        first = b""
    elif struct.unpack("!ii", first)[1] != CANCEL_CODE:
        writer.write(_refusal("no encryption: this server wants sslmode=require (rds.force_ssl is 1)"))
        await writer.drain()
        return
    backend_reader, backend_writer = await asyncio.open_connection("127.0.0.1", backend_port, limit=CHUNK_BYTES)
    backend_writer.write(first)
    both = [
        asyncio.create_task(_copy(reader, backend_writer, latency)),
        asyncio.create_task(_copy(backend_reader, writer)),
    ]
    # One side gone is the end of the session for the other: PostgreSQL knows no half-closed connection.
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    for task in both:
        task.cancel()
    await asyncio.gather(*both, return_exceptions=True)
    backend_writer.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter, latency: Path | None = None) -> None:
    while data := await source.read(CHUNK_BYTES):
        if latency is not None and (seconds := latency_seconds(latency)):
            await asyncio.sleep(seconds)
        target.write(data)
        await target.drain()


def latency_seconds(file: Path) -> float:
    """The drill's latency, at most a minute; 0 where the file is missing or holds no whole number of milliseconds."""
    try:
        milliseconds = int(file.read_bytes())
    except (OSError, ValueError):
        return 0.0
    return max(0, min(milliseconds, LONGEST_LATENCY_MS)) / 1000


def _refusal(message: str) -> bytes:
    """A FATAL ErrorResponse with SQLSTATE 28000 (invalid authorization), as pg_hba.conf's `hostssl` gives."""
    fields = b"".join(
        code + text.encode() + b"\0"
        for code, text in ((b"S", "FATAL"), (b"V", "FATAL"), (b"C", "28000"), (b"M", message))
    )
    return b"E" + struct.pack("!i", 4 + len(fields) + 1) + fields + b"\0"
