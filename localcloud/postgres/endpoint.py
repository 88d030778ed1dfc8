"""The RDS endpoint: a TLS proxy in front of the real server, as required by `rds.force_ssl`.

PostgreSQL negotiates TLS within its own protocol: the client sends an SSLRequest, the server answers `S`, and then the
TLS handshake starts (PostgreSQL documentation, 54.2.10). A client that does not request TLS is rejected with the error
of RDS. Members of the role `rds_iam` sign in with a token; see `sign_in`.

For drills, a file sets the latency of messages to the database in milliseconds; it is read again for every message of
a client. Messages from the database are not delayed.
"""

import asyncio
import ssl
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from localcloud.certificates import AUTHORITY_FOLDER, Authority
from localcloud.files import write_private
from localcloud.postgres.sign_in import (
    AUTHENTICATED,
    Iam,
    SignInError,
    Streams,
    ask_token,
    read_startup,
    sign_in,
)

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
GSS_REQUEST = struct.pack("!ii", 8, 80877104)
CANCEL_CODE = 80877102
CHUNK_BYTES = 64 * 1024
LATENCY_FILE = "drills/database-latency-ms"
LONGEST_LATENCY_MS = 60_000
NAMES = ("localhost", "127.0.0.1")
"""Host names of the endpoint, which `sslmode=verify-full` compares with the certificate."""


def tls_context(folder: Path) -> ssl.SSLContext:
    """Return a TLS context with a certificate for `NAMES`, issued by the local authority.

    Args:
        folder: the state folder of the local cloud.
    """
    certificate, key = folder / "rds.crt", folder / "rds.key"
    certificate_pem, key_pem = Authority.ensure(folder / AUTHORITY_FOLDER).issue("rds", NAMES)
    write_private(key, key_pem)
    write_private(certificate, certificate_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@dataclass(frozen=True, kw_only=True)
class Backend:
    """The real server behind the endpoint, and settings for connections to it."""

    port: int
    """Loopback port of the real server."""
    latency: Path | None = None
    """File with the latency of messages to the database in milliseconds; no latency if the file does not exist."""
    iam: Iam | None = None
    """Verifies tokens; if None, all users sign in with a password."""


async def serve(port: int, backend: Backend, context: ssl.SSLContext) -> asyncio.Server:
    """Listen on 127.0.0.1:port and forward every encrypted connection to the real server.

    Args:
        port: the port, or 0 for any free port.
        backend: the real server.
        context: TLS context with the certificate of the endpoint.
    """

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError, struct.error, psycopg.Error):
            await _serve_client(reader, writer, backend, context)
        writer.close()

    return await asyncio.start_server(handle, "127.0.0.1", port, limit=CHUNK_BYTES)


async def _serve_client(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, backend: Backend, context: ssl.SSLContext
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
        writer.write(_refusal("no encryption: this server requires sslmode=require (rds.force_ssl is 1)"))
        await writer.drain()
        return
    server_reader, server_writer = await asyncio.open_connection("127.0.0.1", backend.port, limit=CHUNK_BYTES)
    try:
        if first:
            server_writer.write(first)
        else:
            await _start_session((reader, writer), (server_reader, server_writer), backend.iam)
        await _pass_on((reader, writer), (server_reader, server_writer), backend.latency)
    except SignInError as error:
        writer.write(_refusal(str(error)))
        await writer.drain()
    finally:
        server_writer.close()


async def _start_session(client: Streams, server: Streams, iam: Iam | None) -> None:
    """Forward the startup message; for a user with IAM database authentication, verify the token and sign in first.

    Raises:
        SignInError: the token is rejected.
    """
    startup = await read_startup(client[0])
    password = await iam.password(startup.user) if iam and startup.parameters else None
    if iam is None or password is None:
        server[1].write(startup.raw)
        return
    await iam.require(await ask_token(*client), startup)
    await sign_in(*server, startup, password)
    client[1].write(AUTHENTICATED)


async def _pass_on(client: Streams, server: Streams, latency: Path | None) -> None:
    both = [
        asyncio.create_task(_copy(client[0], server[1], latency)),
        asyncio.create_task(_copy(server[0], client[1])),
    ]
    # If one side closes its connection, end the session: PostgreSQL does not support half-closed connections.
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    for task in both:
        task.cancel()
    await asyncio.gather(*both, return_exceptions=True)


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter, latency: Path | None = None) -> None:
    while data := await source.read(CHUNK_BYTES):
        if latency is not None and (seconds := latency_seconds(latency)):
            await asyncio.sleep(seconds)
        target.write(data)
        await target.drain()


def latency_seconds(file: Path) -> float:
    """Return the latency in seconds, at most a minute; 0 if the file is missing or not a whole number."""
    try:
        milliseconds = int(file.read_bytes())
    except (OSError, ValueError):
        return 0.0
    return max(0, min(milliseconds, LONGEST_LATENCY_MS)) / 1000


def _refusal(message: str) -> bytes:
    """Return a FATAL ErrorResponse with SQLSTATE 28000 (invalid authorization), as for `hostssl` in pg_hba.conf."""
    fields = b"".join(
        code + text.encode() + b"\0"
        for code, text in ((b"S", "FATAL"), (b"V", "FATAL"), (b"C", "28000"), (b"M", message))
    )
    return b"E" + struct.pack("!i", 4 + len(fields) + 1) + fields + b"\0"
