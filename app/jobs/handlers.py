"""What each kind of job does.

A handler has its effects through the connection it is given: they take effect together with the job's success, once,
or not at all. What it does elsewhere, it may do again after a failure.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from app.jobs.notifier import Notifier
from app.jobs.store import Claim

_IMPORT = b"""
    INSERT INTO items (name, description)
    SELECT * FROM unnest(%(names)s::text[], %(descriptions)s::text[]) RETURNING id
"""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What handlers may use besides the connection."""

    notifier: Notifier | None = None
    """The external service that takes notifications; None: there is none."""


Handler = Callable[[AsyncConnection[DictRow], Claim, Context], Awaitable[Any]]
"""Returns the job's result, ready for JSON; raises to have the job tried again."""


class NoUpstreamError(Exception):
    """There is nobody who would take a notification."""


async def import_items(connection: AsyncConnection[DictRow], job: Claim, _context: Context) -> Any:
    """Make all the items of the payload."""
    items = job.payload["items"]
    columns = {"names": [item["name"] for item in items], "descriptions": [item["description"] for item in items]}
    rows = await (await connection.execute(_IMPORT, columns)).fetchall()
    return {"created": len(rows), "first_id": min(row["id"] for row in rows)}


async def notify_user(_connection: AsyncConnection[DictRow], job: Claim, context: Context) -> Any:
    """Send the message; the job's id is the key by which the receiver knows a repetition."""
    if context.notifier is None:
        raise NoUpstreamError("there is no service that takes notifications; set UPSTREAM_URL")
    status = await context.notifier.send(
        job.payload, idempotency_key=str(job.id), request_id=job.request_id, traceparent=job.traceparent
    )
    return {"status": status}


HANDLERS: Mapping[str, Handler] = {"import-items": import_items, "notify-user": notify_user}
