"""Whether the queue is reachable, as the workers report it."""

import psycopg
import structlog

from app.core.health.readiness import PROBE_TIMEOUT_SECONDS, Check, RemoteCheck
from app.core.health.reports import GONE_SECONDS
from app.core.postgres.database import Database

_REACHABLE = b"""
    SELECT bool_or(report #> '{queue,reachable}' = 'true') AS reachable FROM instances
    WHERE role = 'worker' AND seen_at > now() - make_interval(secs => %(seconds)s)
"""

log = structlog.get_logger()


def queue_check(database: Database, *, has_queue: bool) -> RemoteCheck:
    """Return the check of the API, which does not call the queue itself.

    The queue is not required: without it jobs wait in the database.
    """

    async def check(database_check: Check) -> Check:
        if not has_queue:
            return Check(ok=True, detail="not configured", required=False)
        reachable = None
        if database_check.ok:
            try:
                rows = await database.probe(_REACHABLE, {"seconds": GONE_SECONDS}, PROBE_TIMEOUT_SECONDS)
                reachable = rows[0]["reachable"]
            except psycopg.Error as error:
                log.warning("queue check failed", error=f"{type(error).__name__}: {error}".strip())
        detail = {None: "unknown: no worker reports", True: "reachable", False: "unreachable"}[reachable]
        return Check(ok=reachable is True, detail=detail, required=False)

    return check
