"""The SQL of jobs and their outbox.

The state of a job changes only here. Each claim increments `attempts`, and that number fences the claim: a worker that
lost it, by a timeout or a crash, can neither finish the job nor fail it.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from psycopg import AsyncConnection
from psycopg.rows import DictRow

from app.core.postgres.connection import SILENCE_SECONDS
from app.core.postgres.database import Database
from app.settings.jobs import JobSettings

MAX_ERROR = 300  # characters
KEPT_DAYS = 31  # after its end; the service level of jobs looks back 30 days
SHOWN = "id, kind, state, attempts, result, error, request_id, created_at, updated_at, finished_at"

# One statement, so one transaction: no job without a row that leads to its message, and no such row without its job.
_CREATE = f"""
    WITH job AS (
        INSERT INTO jobs (kind, payload, request_id, traceparent)
        VALUES (%(kind)s, %(payload)s::jsonb, %(request_id)s, %(traceparent)s)
        RETURNING {SHOWN}
    ), outboxed AS (INSERT INTO outbox (job_id) SELECT id FROM job)
    SELECT * FROM job
""".encode()  # noqa: S608 (of constants)
_READ = f"SELECT {SHOWN} FROM jobs WHERE id = %(id)s".encode()  # noqa: S608
_CLAIM = b"""
    UPDATE jobs SET state = 'running', attempts = attempts + 1, updated_at = now(),
        claimed_until = now() + make_interval(secs => %(claim_seconds)s)
    WHERE id = %(id)s AND attempts < %(max_attempts)s
        AND (state IN ('queued', 'retrying') OR (state = 'running' AND claimed_until < now()))
    RETURNING id, kind, payload, attempts, request_id, traceparent
"""
_BURY = b"""
    UPDATE jobs SET state = 'dead', finished_at = now(), updated_at = now(), claimed_until = NULL,
        error = coalesce(error, 'no attempt came to an end')
    WHERE finished_at IS NULL AND attempts >= %(max_attempts)s AND (%(id)s::uuid IS NULL OR id = %(id)s)
        AND (state IN ('queued', 'retrying') OR (state = 'running' AND claimed_until < now()))
    RETURNING id, kind, attempts
"""
_STATUS = b"""
    SELECT state, greatest(0, extract(epoch FROM claimed_until - now()))::float AS seconds FROM jobs WHERE id = %(id)s
"""
# NO KEY: a row of the outbox may refer to the job meanwhile. The limits of the handler's statements are those of the
# job here, not those of a request.
_FENCE = b"""
    SELECT set_config('statement_timeout', %(milliseconds)s, true),
        set_config('idle_in_transaction_session_timeout', %(milliseconds)s, true)
    FROM jobs WHERE id = %(id)s AND state = 'running' AND attempts = %(attempts)s FOR NO KEY UPDATE
"""
_SUCCEED = b"""
    UPDATE jobs SET state = 'succeeded', result = %(result)s::jsonb, error = NULL, claimed_until = NULL,
        finished_at = now(), updated_at = now()
    WHERE id = %(id)s
"""
_FAIL = b"""
    UPDATE jobs SET error = %(error)s, claimed_until = NULL, updated_at = now(),
        state = CASE WHEN %(final)s THEN 'dead' ELSE 'retrying' END,
        finished_at = CASE WHEN %(final)s THEN now() END
    WHERE id = %(id)s AND state = 'running' AND attempts = %(attempts)s
    RETURNING state
"""
_GIVE_BACK = b"""
    UPDATE jobs SET state = 'retrying', attempts = attempts - 1, claimed_until = NULL, updated_at = now()
    WHERE id = %(id)s AND state = 'running' AND attempts = %(attempts)s
    RETURNING id
"""
_RESEND = b"""
    WITH silent AS (
        SELECT id FROM jobs
        WHERE finished_at IS NULL AND updated_at < now() - make_interval(secs => %(silence)s)
            AND (state <> 'running' OR claimed_until < now())
            AND (state <> 'retrying' OR updated_at < now() - make_interval(secs =>
                %(silence)s + least(%(max_pause)s, %(pause)s * power(2, least(attempts, 30) - 1))))
            AND NOT EXISTS (SELECT 1 FROM outbox WHERE job_id = jobs.id)
        ORDER BY updated_at LIMIT 100 FOR NO KEY UPDATE SKIP LOCKED
    ), heard AS (UPDATE jobs SET updated_at = now() FROM silent WHERE jobs.id = silent.id)
    INSERT INTO outbox (job_id) SELECT id FROM silent RETURNING job_id
"""
_FORGET = b"""
    DELETE FROM jobs WHERE id IN (
        SELECT id FROM jobs WHERE finished_at < now() - make_interval(days => %(days)s)
        ORDER BY finished_at LIMIT 500 FOR UPDATE SKIP LOCKED
    )
"""


class Claim(NamedTuple):
    """A job that this process has claimed; `attempts` is its fence."""

    id: UUID
    kind: str
    payload: Any
    attempts: int
    request_id: str | None
    traceparent: str | None


class JobStatus(NamedTuple):
    """The state of a job, and the remaining seconds of its claim."""

    state: str
    claimed_seconds: float


class LostClaimError(Exception):
    """The claim expired, and another worker may have the job."""


@dataclass(frozen=True, kw_only=True)
class JobQuery:
    """Which jobs to list, the newest first; `after` is the last one of the page before."""

    limit: int
    kind: str | None = None
    state: str | None = None
    after: tuple[datetime, UUID] | None = None


class JobStore:
    """Jobs in PostgreSQL; every method raises what `Database.connection` raises."""

    def __init__(self, database: Database, settings: JobSettings) -> None:
        self.database = database
        self._settings = settings
        # Longer than an attempt may take, and expired before SQS shows the message again, so that it can be claimed.
        self._claim_seconds = (settings.job_timeout_seconds + settings.job_visibility_seconds) / 2

    async def create(
        self,
        kind: str,
        payload: Mapping[str, Any],
        request_id: str | None = None,
        traceparent: str | None = None,
        connection: AsyncConnection[DictRow] | None = None,
    ) -> DictRow:
        """Store a job and its row in the outbox; with `connection` in the transaction of that connection."""
        values = {
            "kind": kind,
            "payload": orjson.dumps(payload).decode(),
            "request_id": request_id,
            "traceparent": traceparent,
        }
        if connection is None:
            async with self.database.connection() as own:
                row = await (await own.execute(_CREATE, values)).fetchone()
        else:
            row = await (await connection.execute(_CREATE, values)).fetchone()
        assert row is not None  # noqa: S101 (it returns its row or raises)
        return row

    async def read(self, id: UUID) -> DictRow | None:
        """Return the job as clients see it."""
        return await self._one(_READ, {"id": id})

    async def page(self, query: JobQuery) -> list[DictRow]:
        """Return at most `limit` jobs as clients see them, the newest first."""
        conditions: list[str] = []
        values: dict[str, Any] = {"limit": query.limit, "kind": query.kind, "state": query.state}
        for name in ("kind", "state"):
            if values[name] is not None:
                conditions.append(f"{name} = %({name})s")
        if query.after is not None:
            conditions.append("(created_at, id) < (%(created_at)s, %(id)s)")
            values |= {"created_at": query.after[0], "id": query.after[1]}
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        statement = f"SELECT {SHOWN} FROM jobs {where} ORDER BY created_at DESC, id DESC LIMIT %(limit)s"  # noqa: S608
        async with self.database.connection() as connection:
            return await (await connection.execute(statement.encode(), values)).fetchall()

    async def claim(self, id: UUID) -> Claim | None:
        """Claim a job that waits, or whose claim has expired; None if it cannot be claimed."""
        limits = {"claim_seconds": self._claim_seconds, "max_attempts": self._settings.job_max_attempts}
        row = await self._one(_CLAIM, {"id": id, **limits})
        return Claim(**row) if row else None

    async def status(self, id: UUID) -> JobStatus | None:
        """Return the status of the job; None if there is none."""
        row = await self._one(_STATUS, {"id": id})
        return JobStatus(row["state"], row["seconds"] or 0.0) if row else None

    @asynccontextmanager
    async def attempt(self, claim: Claim) -> AsyncIterator[AsyncConnection[DictRow]]:
        """Open the transaction of the effects of a job; it locks the row of the job until its end.

        Raises LostClaimError if the claim is lost. Then, or if the block raises, everything is rolled back.
        """
        # Slightly more than the timeout of the attempt, which must fire first.
        seconds = self._settings.job_timeout_seconds + 5
        fence = {"id": claim.id, "attempts": claim.attempts, "milliseconds": str(int(seconds * 1000))}
        async with self.database.connection() as connection:
            with connection.replying_within(seconds + SILENCE_SECONDS):
                async with connection.transaction():
                    if await (await connection.execute(_FENCE, fence)).fetchone() is None:
                        raise LostClaimError
                    yield connection

    async def succeed(self, connection: AsyncConnection[DictRow], claim: Claim, result: Any) -> None:
        """Store the success in the transaction of `attempt`: effects and success are committed together."""
        await connection.execute(_SUCCEED, {"id": claim.id, "result": orjson.dumps(result).decode()})

    async def fail(self, claim: Claim, error: str, *, final: bool) -> bool:
        """Store a failure, `final` or to be retried. Return False if the claim was lost and nothing is stored."""
        values = {"id": claim.id, "attempts": claim.attempts, "error": error[:MAX_ERROR], "final": final}
        return await self._one(_FAIL, values) is not None

    async def give_back(self, claim: Claim) -> bool:
        """Undo an attempt that the stop of this process interrupted; return False if the claim was lost.

        Call it only after the transaction of `attempt` has ended: the number of the attempt will be used again.
        """
        return await self._one(_GIVE_BACK, {"id": claim.id, "attempts": claim.attempts}) is not None

    async def bury_exhausted(self, id: UUID | None = None) -> list[DictRow]:
        """Mark as dead one job or all that have no attempt left and no valid claim; return id, kind and attempts."""
        values = {"id": id, "max_attempts": self._settings.job_max_attempts}
        async with self.database.connection() as connection:
            return await (await connection.execute(_BURY, values)).fetchall()

    async def resend(self, max_pause: float) -> int:
        """Put up to 100 jobs without progress into the outbox again; return how many."""
        silence, pause = self._settings.job_resend_seconds, self._settings.job_backoff_seconds
        async with self.database.connection() as connection:
            values = {"silence": silence, "pause": pause, "max_pause": max_pause}
            return (await connection.execute(_RESEND, values)).rowcount

    async def forget(self) -> int:
        """Delete up to 500 jobs, with their results, that ended KEPT_DAYS ago; return how many."""
        async with self.database.connection() as connection:
            return (await connection.execute(_FORGET, {"days": KEPT_DAYS})).rowcount

    async def _one(self, statement: bytes, values: Mapping[str, Any]) -> DictRow | None:
        async with self.database.connection() as connection:
            return await (await connection.execute(statement, values)).fetchone()
