"""`Idempotency-Key`: a POST that is sent again, because its answer got lost, takes effect once.

The row of the key and the effect are written in one transaction. Of two requests at once with the same key the
second waits, on the unique index, for the end of the first. Keys are forgotten after 24 hours.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import DictRow
from starlette.requests import Request
from starlette.responses import Response

from app.database import Database
from app.etags import header
from app.problems import InvalidFieldError

FIELD = "header.idempotency-key"
REPLAYED = "Idempotency-Replayed"
PURGE_BATCH = 5_000  # rows of one statement: well within its timeout

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
        "Makes it safe to send the request again: within 24 hours the same key with the same body gets the stored "
        "answer, with `Idempotency-Replayed: true`. A UUID is a good key."
    ),
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    "example": "1c9a6f0e-7d0b-4a7e-9a55-2f1f7a2e9d11",
}
"""The header in the OpenAPI document: `openapi_extra={"parameters": [PARAMETER]}`."""

REPLAYED_DOCS: dict[str, Any] = {
    "description": "`true` if this is the stored answer of an earlier request with this Idempotency-Key.",
    "schema": {"type": "string", "enum": ["true"]},
}
"""The header of the answer in the OpenAPI document."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a request brought about, to be answered now and again later."""

    status: int
    body: bytes
    """JSON."""
    location: str | None = None
    """The `Location` header, if there is one."""

    def answer(self, *, replayed: bool = False) -> Response:
        """Return it as a response."""
        headers = {"Location": self.location} if self.location is not None else {}
        if replayed:
            headers[REPLAYED] = "true"
        return Response(self.body, self.status, headers, media_type="application/json")


def idempotency_key(request: Request) -> str | None:
    """Return the key of the request; None if it has none. Raises InvalidFieldError if it is not well formed."""
    key = header(request.scope["headers"], b"idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise InvalidFieldError(FIELD, "accepted are 1 to 255 visible ASCII characters, without spaces")
    return key


async def idempotent(
    database: Database,
    scope: str,
    key: str,
    body: bytes,
    make: Callable[[AsyncConnection[DictRow]], Awaitable[Made]],
) -> Response:
    """Bring the effect about once, and return the same answer each time.

    `scope` is what keys are unique in, such as the name of the resource; `body` is the request's, as it was sent.
    `make` has the effect, through the connection it is given and nothing else: that is in the transaction of the
    key. If it raises, neither effect nor key is kept, and the request may be sent again.
    Raises InvalidFieldError (422) if the key was used with another body, and what `database.transaction` raises.
    """
    fingerprint = sha256(body).digest()
    entry = {"scope": scope, "key": key}
    while True:
        async with database.transaction() as connection:
            if await (await connection.execute(_CLAIM, {**entry, "fingerprint": fingerprint})).fetchone():
                made = await make(connection)
                record = {"status": made.status, "location": made.location, "body": made.body}
                await connection.execute(_RECORD, {**entry, **record})
                break
            # Committed by now: the claim above waited for whoever was writing it.
            row = await (await connection.execute(_RECALL, entry)).fetchone()
        if row is not None:  # else it was purged in between, and the key is free
            return _recalled(row, fingerprint)
    return made.answer()


def _recalled(row: DictRow, fingerprint: bytes) -> Response:
    if row["fingerprint"] != fingerprint:
        raise InvalidFieldError(FIELD, "it was used with another body; accepted are the same body, or another key")
    return Made(status=row["status"], body=row["body"], location=row["location"]).answer(replayed=True)


async def purge_idempotency_keys(database: Database) -> int:
    """Delete keys older than 24 hours and return how many; call it every hour or so, in any number of processes."""
    purged = 0
    while True:
        async with database.connection() as connection:
            count = (await connection.execute(_PURGE, {"batch": PURGE_BATCH})).rowcount
        purged += count
        if count < PURGE_BATCH:
            return purged
