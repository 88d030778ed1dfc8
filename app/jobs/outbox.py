"""The relay: send the rows of the outbox to the queue, at least once.

A row is deleted in the transaction that sends it. If that transaction fails after SQS accepted the message, the message
is sent again: the claim of the worker makes the second one have no effect.
"""

import structlog

from app.core.postgres.database import Database
from app.jobs.queue import MAX_BATCH, Outgoing, Queue

_TAKE = b"""
    SELECT outbox.id, job_id, request_id, traceparent FROM outbox JOIN jobs ON jobs.id = job_id
    ORDER BY outbox.id LIMIT %(most)s FOR UPDATE OF outbox SKIP LOCKED
"""
_DELETE = b"DELETE FROM outbox WHERE id = ANY(%(ids)s)"
_OLDEST = b"SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float AS seconds FROM outbox"
# A call of SQS takes up to 14 s with its retry: longer than a request's transaction may be idle.
_TRANSACTION_TIMEOUT = b"SET LOCAL idle_in_transaction_session_timeout = '30s'"

log = structlog.get_logger()


class Relay:
    """Sends batches. Several relays may work on one outbox; none waits for the rows of another."""

    def __init__(self, database: Database, queue: Queue) -> None:
        self._database = database
        self._queue = queue

    async def send(self) -> int:
        """Send up to one batch and return how many messages SQS accepted; the others stay in the outbox.

        Raises one of JOBS_UNAVAILABLE; then every row stays.
        """
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(_TRANSACTION_TIMEOUT)
            rows = await (await connection.execute(_TAKE, {"most": MAX_BATCH})).fetchall()
            if not rows:
                return 0
            batch = [
                Outgoing(
                    id=str(row["id"]),
                    job_id=row["job_id"],
                    request_id=row["request_id"],
                    traceparent=row["traceparent"],
                )
                for row in rows
            ]
            taken = await self._queue.send(batch)
            await connection.execute(_DELETE, {"ids": [int(id) for id in taken]})
        if len(taken) < len(batch):
            log.warning("messages not accepted by the queue", count=len(batch) - len(taken))
        return len(taken)

    async def oldest_seconds(self) -> float:
        """Return the age of the oldest row; 0 if there is none."""
        async with self._database.connection() as connection:
            row = await (await connection.execute(_OLDEST)).fetchone()
        return float(row["seconds"]) if row else 0.0
