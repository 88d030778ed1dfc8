"""A connection while it is lent, and what the outcome says of the database."""

import asyncio
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors as pg
from psycopg_pool import PoolTimeout, TooManyRequests

if TYPE_CHECKING:
    from app.connection import Connection
    from app.database import Database

AWAY = (psycopg.OperationalError, psycopg.InterfaceError, pg.ReadOnlySqlTransaction)
"""The server is unreachable, restarting, or no longer the primary: what the circuit breaker counts."""
ANSWERED = (pg.DeadlockDetected, pg.LockNotAvailable, pg.SerializationFailure)
"""Operational errors by name, and yet the answers of a server that is well."""


class Lease:
    """A connection lent for a block, of whose outcome the circuit breaker is told unless not `guarded`.

    A class, because every request passes here: generators within each other, the pool's own among them, made a
    read of one row take about a quarter more processor time.
    """

    __slots__ = ("_began", "_connection", "_database", "_guarded", "_lent_at", "_probing", "_timeout")

    _connection: "Connection"

    def __init__(self, database: "Database", timeout: float | None, *, guarded: bool = True) -> None:
        self._database = database
        self._timeout = timeout
        self._guarded = guarded
        self._lent_at = 0.0  # not yet

    async def __aenter__(self) -> "Connection":
        self._probing = self._guarded and self._database.breaker.allow()
        self._began = monotonic()
        try:
            self._connection = await self._database.take(self._timeout)
        except BaseException as error:
            self._tell(error)
            raise
        self._lent_at = monotonic()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        database, connection, now = self._database, self._connection, monotonic()
        try:
            if error is None:
                database.answered_at = connection.answered_at = now
            elif isinstance(error, pg.ReadOnlySqlTransaction):
                # The server is a replica now. A new connection finds the new primary; this one never would.
                await connection.close()
                database.replace_all()
        finally:
            self._tell(error)
            # Nothing to commit or to roll back: autocommit, and `transaction` ends its own.
            await database.give_back(connection, now - self._lent_at)

    def _tell(self, error: BaseException | None) -> None:
        breaker = self._database.breaker
        if not self._guarded:
            return
        if error is None:
            breaker.succeeded()
        elif self._means_outage(error):
            breaker.failed()
        elif isinstance(error, psycopg.Error) and not self._means_overload(error):
            self._database.answered_at = monotonic()
            breaker.succeeded()  # the server has answered, though not as was asked
        elif self._probing:
            breaker.gave_up()

    def _means_outage(self, error: BaseException) -> bool:
        if isinstance(error, asyncio.CancelledError):
            # The server should have ended the statement long before: it, or the way to it, is silent.
            silent = monotonic() - (self._lent_at or self._began) > self._database.statement_seconds
            return silent and (self._lent_at > 0 or not self._answering())
        return isinstance(error, AWAY) and not isinstance(error, ANSWERED) and not self._means_overload(error)

    def _means_overload(self, error: BaseException) -> bool:
        # While others get their answers, to wait in vain for a connection is no outage.
        return isinstance(error, TooManyRequests) or (isinstance(error, PoolTimeout) and self._answering())

    def _answering(self) -> bool:
        return self._database.answered_at > self._began
