"""`Idempotency-Key`: a POST that is retried, because its response was lost, takes effect once.

The key and the effect are written in one transaction. Of two concurrent requests with the same key the second waits,
on the unique index, for the first. Keys are deleted after 24 hours.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import DictRow
from starlette.requests import Request
from starlette.responses import Response

from app.core.http.etags import header
from app.core.http.problems import InvalidFieldError
from app.core.postgres.database import Database
from app.core.postgres.outages import DATABASE_UNAVAILABLE
from app.core.resilience.background import background
from app.core.resilience.loops import forever

FIELD = "header.idempotency-key"
REPLAYED = "Idempotency-Replayed"
PURGE_SECONDS = 600.0
PURGE_BATCH = 5_000  # rows per statement: well within its timeout

_KEY = re.compile(r"[!-~]{1,255}", re.ASCII)
_CLAIM = b"""
    INSERT INTO idempotency_keys (scope, key, fingerprint) VALUES (%(scope)s, %(key)s, %(fingerprint)s)
    ON CONFLICT (scope, key) DO NOTHING RETURNING 1
"""
_RECORD = b"""
    UPDATE idempotency_keys SET status = %(status)s, location = %(location)s, body = %(body)s
    WHERE scope = %(scope)s AND key = %(key)s
"""
_RECALL = b"""
    SELECT fingerprint, status, location, body FROM idempotency_keys WHERE scope = %(scope)s AND key = %(key)s
"""
_PURGE = b"""
    DELETE FROM idempotency_keys WHERE (scope, key) IN (
        SELECT scope, key FROM idempotency_keys WHERE created_at < now() - interval '24 hours' LIMIT %(batch)s
    )
"""

PARAMETER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "Makes it safe to retry the request: for 24 hours the same key with the same body returns the stored "
        "response, with `Idempotency-Replayed: true`. Use a UUID, for example."
    ),
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    "example": "1c9a6f0e-7d0b-4a7e-9a55-2f1f7a2e9d11",
}
"""The header in the OpenAPI document: `openapi_extra={"parameters": [PARAMETER]}`."""

REPLAYED_DOCS: dict[str, Any] = {
    "description": "`true` if this is the stored response to an earlier request with this Idempotency-Key.",
    "schema": {"type": "string", "enum": ["true"]},
}
"""The header of the response in the OpenAPI document."""


@dataclass(frozen=True, kw_only=True)
class StoredResponse:
    """The response of a request, returned now and again for each retry."""

    status: int
    body: bytes
    """JSON."""
    location: str | None = None
    """The `Location` header, if there is one."""

    def response(self, *, replayed: bool = False) -> Response:
        """Return it as a response."""
        headers = {"Location": self.location} if self.location is not None else {}
        if replayed:
            headers[REPLAYED] = "true"
        return Response(self.body, self.status, headers, media_type="application/json")


def idempotency_key(request: Request) -> str | None:
    """Return the key of the request; None if it has none. Raises InvalidFieldError if it is not well formed."""
    key = header(request.scope["headers"], b"idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise InvalidFieldError(FIELD, "must be 1 to 255 visible ASCII characters, without spaces")
    return key


async def idempotent(
    database: Database,
    scope: str,
    key: str,
    body: bytes,
    make: Callable[[AsyncConnection[DictRow]], Awaitable[StoredResponse]],
) -> Response:
    """Run `make` once for each key, and return the same response each time.

    Keys are unique within `scope`, such as the name of the resource; `body` is that of the request, as it was sent.
    `make` must write only through the connection it is given, which is in the transaction of the key. If it raises,
    neither effect nor key is stored, and the request may be retried.
    Raises InvalidFieldError (422) if the key was used with another body, and what `database.transaction` raises.
    """
    fingerprint = sha256(body).digest()
    entry = {"scope": scope, "key": key}
    while True:
        async with database.transaction() as connection:
            if await (await connection.execute(_CLAIM, {**entry, "fingerprint": fingerprint})).fetchone():
                stored = await make(connection)
                record = {"status": stored.status, "location": stored.location, "body": stored.body}
                await connection.execute(_RECORD, {**entry, **record})
                break
            # Committed by now: the claim above waited for the transaction that wrote it.
            row = await (await connection.execute(_RECALL, entry)).fetchone()
        if row is not None:  # else it was purged in between: claim it again
            return _replayed(row, fingerprint)
    return stored.response()


def _replayed(row: DictRow, fingerprint: bytes) -> Response:
    if row["fingerprint"] != fingerprint:
        raise InvalidFieldError(FIELD, "the key was used with another body; send the same body, or another key")
    return StoredResponse(status=row["status"], body=row["body"], location=row["location"]).response(replayed=True)


async def purge_idempotency_keys(database: Database) -> int:
    """Delete keys older than 24 hours and return how many; call it every hour or so, in any number of processes."""
    purged = 0
    while True:
        async with database.connection() as connection:
            count = (await connection.execute(_PURGE, {"batch": PURGE_BATCH})).rowcount
        purged += count
        if count < PURGE_BATCH:
            return purged


@asynccontextmanager
async def purging(database: Database) -> AsyncIterator[None]:
    """Delete old keys every PURGE_SECONDS while the block runs."""

    async def purge() -> float:
        await asyncio.sleep(PURGE_SECONDS)  # first, because nothing is due when a process starts
        await purge_idempotency_keys(database)
        return 0

    async with background(forever("housekeeping", purge, DATABASE_UNAVAILABLE)):
        yield
