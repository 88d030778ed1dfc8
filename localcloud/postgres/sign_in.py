"""IAM database authentication of the RDS endpoint: members of the role `rds_iam` can sign in with a token only.

The client sends the token as a cleartext password over TLS, and the local account verifies it. The endpoint sets a
password for the user on the real server, which only the endpoint knows. Source:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
"""

import asyncio
import json
import secrets
import struct
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from localcloud.postgres.scram import MECHANISM, Scram

IAM_ROLE = "rds_iam"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
PROTOCOL = 196608  # 3.0
AUTHENTICATED = b"R" + struct.pack("!ii", 8, 0)
ANSWER_SECONDS = 5
_CLEARTEXT, _SASL, _SASL_CONTINUE, _SASL_FINAL = 3, 10, 11, 12
_LONGEST_TOKEN = 16 * 1024


class SignInError(Exception):
    """The sign-in is rejected; the message is that of RDS."""


@dataclass(frozen=True, kw_only=True)
class Startup:
    """The startup message of a session."""

    raw: bytes
    parameters: Mapping[str, str]

    @property
    def user(self) -> str:
        """Name of the user that signs in."""
        return self.parameters.get("user", "")

    @property
    def database(self) -> str:
        """Name of the database; defaults to the user name."""
        return self.parameters.get("database") or self.user


async def read_startup(reader: asyncio.StreamReader) -> Startup:
    """Read the first message; if it is not a startup message, such as a cancel request, it has no parameters."""
    head = await reader.readexactly(8)
    length, code = struct.unpack("!ii", head)
    body = await reader.readexactly(length - 8)
    words = body.decode("utf-8", "replace").split("\0") if code == PROTOCOL else []
    return Startup(raw=head + body, parameters=dict(zip(words[::2], words[1::2], strict=False)))


class Iam:
    """Determines which users must sign in with a token, and verifies tokens.

    Args:
        server: connection parameters of the real server's superuser: host, port, user and password.
        aws_endpoint: URL of the local account, http://127.0.0.1:PORT.
    """

    def __init__(self, server: Mapping[str, Any], aws_endpoint: str) -> None:
        self._server, self._url = server, f"{aws_endpoint}/drydock/database-sign-in"
        self._passwords: dict[str, tuple[str, str]] = {}
        self._lock = asyncio.Lock()

    async def password(self, user: str) -> str | None:
        """Return the password that the endpoint has set for a user; set it if necessary.

        Return None if the user is not a member of `rds_iam`.
        """
        connecting = psycopg.AsyncConnection.connect(**self._server, dbname="postgres", autocommit=True)
        async with await connecting as server, self._lock:
            stored = await self._stored(server, user)
            if stored is None:
                return None
            password, verifier = self._passwords.get(user, ("", ""))
            if not password or verifier != stored:
                password = secrets.token_urlsafe(24)
                change = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(user), sql.Literal(password))
                await server.execute(change)
                self._passwords[user] = password, await self._stored(server, user) or ""
            return password

    async def _stored(self, server: psycopg.AsyncConnection[Any], user: str) -> str | None:
        query = (
            "SELECT coalesce(rolpassword, '') FROM pg_authid WHERE rolname = %s AND NOT rolsuper "
            # Exclude users who can only grant the role to others.
            "AND pg_has_role(rolname, %s, 'USAGE')"
        )
        if not await (await server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [IAM_ROLE])).fetchone():
            return None
        row = await (await server.execute(query, [user, IAM_ROLE])).fetchone()
        return None if row is None else str(row[0])

    async def require(self, token: str, startup: Startup) -> None:
        """Verify the token of a sign-in.

        Raises:
            SignInError: the token is not valid for the user and the database.
        """
        asked = {"token": token, "user": startup.user, "database": startup.database}
        if await asyncio.to_thread(self._refusal, asked):
            raise SignInError(f'PAM authentication failed for user "{startup.user}"')

    def _refusal(self, asked: Mapping[str, str]) -> str:
        request = urllib.request.Request(self._url, json.dumps(asked).encode())  # noqa: S310 - loopback
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=ANSWER_SECONDS) as answer:
            return str(json.load(answer)["refusal"])


async def ask_token(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """Request the cleartext password, which is the token, from the client and return it."""
    writer.write(b"R" + struct.pack("!ii", 8, _CLEARTEXT))
    await writer.drain()
    kind, body = await _message(reader)
    if kind != b"p":
        raise SignInError("expected password response")
    return body.rstrip(b"\0").decode("utf-8", "replace")


async def sign_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, startup: Startup, password: str) -> None:
    """Start a session on the real server and sign in; `reader` is then at the server's first message after that."""
    writer.write(startup.raw)
    scram = Scram(password)
    while True:
        kind, body = await _message(reader)
        if kind != b"R":
            raise SignInError(f'PAM authentication failed for user "{startup.user}"')
        (method,), rest = struct.unpack("!i", body[:4]), body[4:]
        if method == 0:
            return
        if method == _SASL:
            first = scram.first()
            _send(writer, MECHANISM.encode() + b"\0" + struct.pack("!i", len(first)) + first)
        elif method == _SASL_CONTINUE:
            _send(writer, scram.final(rest))
        elif method != _SASL_FINAL:
            raise SignInError(f"the PostgreSQL server requires the authentication method {method}")


def _send(writer: asyncio.StreamWriter, body: bytes) -> None:
    writer.write(b"p" + struct.pack("!i", len(body) + 4) + body)


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    kind, length = struct.unpack("!ci", await reader.readexactly(5))
    if not 4 <= length <= _LONGEST_TOKEN:
        raise SignInError("invalid message length")
    return kind, await reader.readexactly(length - 4)
