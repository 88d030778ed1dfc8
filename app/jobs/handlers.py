"""What each kind of job does.

A handler writes through the connection it is given: its effects are committed together with the success of the job,
once or not at all. Effects outside of the database may be repeated after a failure.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from app.jobs.store import Claim

_IMPORT = b"""
    INSERT INTO items (name, description)
    SELECT * FROM unnest(%(names)s::text[], %(descriptions)s::text[]) RETURNING id
"""


class Notifier(Protocol):
    """Sends notifications to the external service."""

    async def send(
        self,
        payload: Mapping[str, Any],
        idempotency_key: str,
        *,
        request_id: str | None = None,
        traceparent: str | None = None,
    ) -> int:
        """Send one notification and return the status of the response."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What handlers may use in addition to the connection."""

    notifier: Notifier | None = None
    """None: no external service for notifications is configured."""


Handler = Callable[[AsyncConnection[DictRow], Claim, Context], Awaitable[Any]]
"""Returns the result of the job, ready for JSON; an exception makes the job be retried."""


class NoUpstreamError(Exception):
    """No service for notifications is configured."""


async def import_items(connection: AsyncConnection[DictRow], job: Claim, _context: Context) -> Any:
    """Create all items of the payload."""
    items = job.payload["items"]
    columns = {"names": [item["name"] for item in items], "descriptions": [item["description"] for item in items]}
    rows = await (await connection.execute(_IMPORT, columns)).fetchall()
    return {"created": len(rows), "first_id": min(row["id"] for row in rows)}


async def notify_user(_connection: AsyncConnection[DictRow], job: Claim, context: Context) -> Any:
    """Send the message. The id of the job is its idempotency key, by which the receiver recognizes a repetition."""
    if context.notifier is None:
        raise NoUpstreamError("no service for notifications is configured; set UPSTREAM_URL")
    status = await context.notifier.send(
        job.payload, idempotency_key=str(job.id), request_id=job.request_id, traceparent=job.traceparent
    )
    return {"status": status}


HANDLERS: Mapping[str, Handler] = {"import-items": import_items, "notify-user": notify_user}
