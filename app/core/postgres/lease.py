"""A connection that is checked out of the pool, and what the outcome says about the database."""

import asyncio
from time import monotonic
from types import TracebackType
from typing import Protocol

import psycopg
from psycopg import errors as pg
from psycopg_pool import PoolTimeout, TooManyRequests

from app.core.postgres.connection import Connection
from app.core.postgres.outages import ANSWERED, SERVER_UNAVAILABLE
from app.core.resilience.breaker import Breaker


class Pool(Protocol):
    """What a lease needs of the pool; `Database` is one."""

    breaker: Breaker
    answered_at: float
    statement_seconds: float

    async def take(self, timeout: float | None) -> Connection:  # noqa: ASYNC109
        """Check a connection out."""

    async def give_back(self, connection: Connection, held_seconds: float) -> None:
        """Return a connection."""

    def replace_all(self) -> None:
        """Replace every connection once it is free."""


class Lease:
    """A connection for an `async with` block. If `guarded`, its outcome is reported to the circuit breaker.

    A class and not a generator, because every request passes here: nested generators made a read of one row take
    about a quarter more CPU time.
    """

    __slots__ = ("_began", "_checked_out_at", "_connection", "_guarded", "_pool", "_probing", "_timeout")

    _connection: Connection

    def __init__(self, pool: Pool, timeout: float | None, *, guarded: bool = True) -> None:
        self._pool = pool
        self._timeout = timeout
        self._guarded = guarded
        self._checked_out_at = 0.0  # not yet

    async def __aenter__(self) -> Connection:
        self._probing = self._guarded and self._pool.breaker.allow()
        self._began = monotonic()
        try:
            self._connection = await self._pool.take(self._timeout)
        except BaseException as error:
            self._report(error)
            raise
        self._checked_out_at = monotonic()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pool, connection, now = self._pool, self._connection, monotonic()
        try:
            if error is None:
                pool.answered_at = connection.answered_at = now
            elif isinstance(error, pg.ReadOnlySqlTransaction):
                # The server is a replica now. A new connection finds the new primary; this one never would.
                await connection.close()
                pool.replace_all()
        finally:
            self._report(error)
            # Nothing to commit or to roll back: autocommit, and `transaction` ends its own.
            await pool.give_back(connection, now - self._checked_out_at)

    def _report(self, error: BaseException | None) -> None:
        breaker = self._pool.breaker
        if not self._guarded:
            return
        if error is None:
            breaker.succeeded()
        elif self._means_outage(error):
            breaker.failed()
        elif isinstance(error, psycopg.Error) and not self._means_overload(error):
            self._pool.answered_at = monotonic()
            breaker.succeeded()  # the server answered, with an error
        elif self._probing:
            breaker.gave_up()

    def _means_outage(self, error: BaseException) -> bool:
        if isinstance(error, asyncio.CancelledError):
            # The server should have ended the statement by itself long ago: it, or the network, does not respond.
            silent = monotonic() - (self._checked_out_at or self._began) > self._pool.statement_seconds
            return silent and (self._checked_out_at > 0 or not self._answering())
        return (
            isinstance(error, SERVER_UNAVAILABLE)
            and not isinstance(error, ANSWERED)
            and not self._means_overload(error)
        )

    def _means_overload(self, error: BaseException) -> bool:
        # A pool without a free connection is not an outage while other requests get their answers.
        return isinstance(error, TooManyRequests) or (isinstance(error, PoolTimeout) and self._answering())

    def _answering(self) -> bool:
        return self._pool.answered_at > self._began
