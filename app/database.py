"""The pool of connections to PostgreSQL; it outlives restarts of the server and rotations of the password."""

import asyncio
import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import cast

import psycopg
from psycopg import AsyncConnection
from psycopg import errors as pg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, TooManyRequests

from app.conninfo import conninfo
from app.reliability.breaker import Breaker, Breakers
from app.settings import Settings

CHECKOUT_TIMEOUT_SECONDS = 5.0  # then the request is answered with 503
WAITING_PER_CONNECTION = 10  # requests that may wait for a connection; one more is refused at once
AWAY = (psycopg.OperationalError, psycopg.InterfaceError, pg.ReadOnlySqlTransaction)
"""The server is unreachable, restarting, or no longer the primary: what the circuit breaker counts."""
TRUSTED_IDLE_SECONDS = 1.0  # a connection that answered this recently is handed out without a round trip


class Connection(AsyncConnection[DictRow]):
    """A connection that remembers when the server last answered on it."""

    answered_at: float = 0.0


class Database:
    """Connections to PostgreSQL in autocommit mode, rows as dicts.

    Opening never waits for the server: the process starts without it, is not ready, and recovers by itself.
    """

    def __init__(self, settings: Settings, breaker: Breaker | None = None) -> None:
        self.breaker = breaker or Breakers(settings).new("database")
        self.answered_at = float("-inf")
        """When, on the monotonic clock, the server last answered anything."""
        self._drain: asyncio.Task[None] | None = None
        self._pool = AsyncConnectionPool(
            # Asked for every new connection: a rotated password takes effect without a restart.
            conninfo=lambda: conninfo(settings.with_current_files()),
            connection_class=Connection,
            kwargs={"autocommit": True, "row_factory": dict_row},
            min_size=1,
            max_size=settings.max_connections,
            max_waiting=settings.max_connections * WAITING_PER_CONNECTION,
            open=False,
            check=self._check,
            timeout=CHECKOUT_TIMEOUT_SECONDS,
            max_lifetime=300,  # s; moves on to the new primary after a failover behind a DNS name
            # Short, because the delay between attempts doubles up to it: so a server that is back is found in 2 s.
            reconnect_timeout=5,  # s; then the next request starts new attempts
        )

    async def open(self) -> None:
        """Start connecting in the background."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    def pool_stats(self) -> dict[str, int]:
        """Return psycopg_pool's counters: pool_size, pool_available, requests_waiting and others."""
        return self._pool.get_stats()

    @asynccontextmanager
    async def connection(self, timeout: float | None = None) -> AsyncIterator[Connection]:  # noqa: ASYNC109
        """Lend a connection.

        Raises BreakerOpenError at once while the breaker is open; psycopg_pool.PoolTimeout, a psycopg.OperationalError,
        if none is free within `timeout` seconds, and TooManyRequests, another, if too many wait already.
        """
        self.breaker.allow()
        try:
            async with self._lent(timeout) as lent:
                yield lent
        except TooManyRequests:
            self.breaker.gave_up()  # an overload is no outage
            raise
        except AWAY:
            self.breaker.failed()
            raise
        except psycopg.Error:
            self.breaker.succeeded()  # the server has answered, though not as was asked
            raise
        except BaseException:
            self.breaker.gave_up()
            raise
        self.breaker.succeeded()

    @asynccontextmanager
    async def transaction(self, timeout: float | None = None) -> AsyncIterator[Connection]:  # noqa: ASYNC109
        """Lend a connection inside one transaction: committed at the end of the block, rolled back if it raises."""
        async with self.connection(timeout) as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def _lent(self, timeout: float | None) -> AsyncIterator[Connection]:  # noqa: ASYNC109
        async with self._pool.connection(timeout) as lent:
            yield lent
            self.answered_at = lent.answered_at = monotonic()

    async def migration(self, timeout: float | None = None) -> str | None:  # noqa: ASYNC109
        """Return the revision that the schema is at; None if no migration ever ran.

        Looks past the breaker, and closes it by its success: a server that is back is used at the next probe.
        """
        async with self._lent(timeout) as connection:
            try:
                row = await (await connection.execute("SELECT version_num FROM alembic_version")).fetchone()
            except pg.UndefinedTable:
                row = None
        self.breaker.succeeded()
        return row["version_num"] if row else None

    async def _check(self, lent: AsyncConnection[DictRow]) -> None:
        connection = cast(Connection, lent)
        idle = monotonic() - connection.answered_at
        if idle < TRUSTED_IDLE_SECONDS and not _readable(connection.pgconn.socket):
            return
        try:
            await AsyncConnectionPool.check_connection(connection)
        except Exception:
            # If one is dead, so mostly are all: replace them now, not one per request with a pause after each.
            if self._drain is None or self._drain.done():
                self._drain = asyncio.create_task(self._pool.drain())
            raise
        self.answered_at = connection.answered_at = monotonic()


def _readable(descriptor: int) -> bool:
    # An idle connection has nothing to say: if there is something, it is mostly the end that a dead server left.
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))
