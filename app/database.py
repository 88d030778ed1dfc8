"""The pool of connections to PostgreSQL; it outlives restarts of the server and rotations of the password."""

import asyncio
import random
import select
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

import psycopg
from psycopg import AsyncConnection, AsyncCursor
from psycopg import errors as pg
from psycopg.rows import DictRow, dict_row
from psycopg.sql import SQL, Composed
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from app.conninfo import conninfo, statement_seconds
from app.lease import Lease
from app.reliability.breaker import Breaker, Breakers
from app.settings import Settings
from app.telemetry.queries import query_span
from app.telemetry.tracing import Tracing

if TYPE_CHECKING:
    from psycopg.abc import Params, Query

Statement = bytes | SQL | Composed

CHECKOUT_TIMEOUT_SECONDS = 5.0  # then the request is answered with 503
WAITING_PER_CONNECTION = 10  # requests that may wait for a connection; one more is refused at once
# The delay between attempts doubles up to this, so it is short: a server that is back is found within 2 s.
RECONNECT_SECONDS = 5.0  # then the next request starts new attempts
_POOL_ERRORS = (PoolClosed, PoolTimeout, TooManyRequests)
_SERVER_GONE = ("08", "57P")  # how SQLSTATE begins: connection exception; shutdown, crash, not yet up
RETRY_PAUSE_SECONDS = 0.2  # at most, drawn at random: requests that failed together do not come back together
TRUSTED_IDLE_SECONDS = 1.0  # a connection that answered this recently is handed out without a round trip


class Connection(AsyncConnection[DictRow]):
    """A connection that remembers when the server last answered on it, and whose statements are spans."""

    answered_at: float = 0.0
    tracing: Tracing | None = None

    async def execute(
        self, query: "Query", params: "Params | None" = None, *, prepare: bool | None = None, binary: bool = False
    ) -> AsyncCursor[DictRow]:
        """Execute a statement, as psycopg does."""
        span = (
            query_span(self.tracing, query) if self.tracing is not None and isinstance(query, bytes) else nullcontext()
        )
        with span:
            return await super().execute(query, params, prepare=prepare, binary=binary)  # type: ignore[arg-type]


class Database:
    """Connections to PostgreSQL in autocommit mode, rows as dicts.

    Opening never waits for the server: the process starts without it, is not ready, and recovers by itself.
    """

    def __init__(self, settings: Settings, breaker: Breaker | None = None, tracing: Tracing | None = None) -> None:
        self.breaker = breaker or Breakers(settings).new("database")
        self.answered_at = float("-inf")
        """When, on the monotonic clock, the server last answered anything."""
        self._drain: asyncio.Task[None] | None = None
        self.statement_seconds = statement_seconds(settings)
        self._tracing = tracing if tracing is not None and tracing.on else None
        self._pool = AsyncConnectionPool(
            # Asked for every new connection: a rotated password takes effect without a restart.
            conninfo=lambda: conninfo(settings.with_current_files()),
            connection_class=Connection,
            kwargs={"autocommit": True, "row_factory": dict_row},
            min_size=1,
            max_size=settings.max_connections,
            open=False,
            check=self._check,
            configure=self._configure,
            timeout=CHECKOUT_TIMEOUT_SECONDS,
            max_lifetime=300,  # s; moves on to the new primary after a failover behind a DNS name
            reconnect_timeout=RECONNECT_SECONDS,
        )
        # Not the pool's own max_waiting, which counts also those who gave up until a connection comes. In a long outage
        # it refuses everybody, and as only a request that waits starts new attempts to connect, for ever.
        self._max_waiting = settings.max_connections * WAITING_PER_CONNECTION
        self._waiting = 0

    async def open(self) -> None:
        """Start connecting in the background."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    def pool_stats(self) -> dict[str, int]:
        """Return psycopg_pool's counters: pool_size, pool_available, requests_waiting and others."""
        return {**self._pool.get_stats(), "requests_waiting": self._waiting}

    def connection(self, timeout: float | None = None) -> Lease:
        """Lend a connection for an `async with` block.

        Raises BreakerOpenError at once while the breaker is open; psycopg_pool.PoolTimeout, a psycopg.OperationalError,
        if none is free within `timeout` seconds, and TooManyRequests, another, if too many wait already.
        """
        return Lease(self, timeout)

    @asynccontextmanager
    async def transaction(self, timeout: float | None = None) -> AsyncIterator[Connection]:  # noqa: ASYNC109
        """Lend a connection inside one transaction: committed at the end of the block, rolled back if it raises."""
        async with self.connection(timeout) as connection, connection.transaction():
            yield connection

    async def read(self, statement: Statement, params: Mapping[str, Any] | None = None) -> list[DictRow]:
        """Return the rows of a statement that only reads; asked once more if the connection broke under it."""
        try:
            return await self._rows(statement, params)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if not _broke(error):
                raise
        await asyncio.sleep(random.random() * RETRY_PAUSE_SECONDS)  # noqa: S311 (no secret)
        return await self._rows(statement, params)

    async def glance(
        self,
        statement: Statement,
        params: Mapping[str, Any] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> list[DictRow]:
        """Return the rows of a probe's statement.

        Looks past the breaker, and closes it by its success: a server that is back is used at the next probe. Its
        failure is not counted, because a probe waits for less time than a request.
        """
        async with Lease(self, timeout, guarded=False) as connection:
            rows = await (await connection.execute(statement, params)).fetchall()
        self.breaker.succeeded()
        return rows

    async def migration(self, timeout: float | None = None) -> str | None:  # noqa: ASYNC109
        """Return the revision that the schema is at, by a glance; None if no migration ever ran."""
        try:
            rows = await self.glance(b"SELECT version_num FROM alembic_version", timeout=timeout)
        except pg.UndefinedTable:
            self.breaker.succeeded()
            return None
        return rows[0]["version_num"] if rows else None

    async def _rows(self, statement: Statement, params: Mapping[str, Any] | None) -> list[DictRow]:
        async with self.connection() as connection:
            return await (await connection.execute(statement, params)).fetchall()

    async def take(self, timeout: float | None) -> Connection:  # noqa: ASYNC109
        """Take a connection out of the pool; for Lease."""
        if self._waiting >= self._max_waiting:
            raise TooManyRequests(f"{self._waiting} requests wait for a connection already")
        self._waiting += 1
        try:
            return await self._pool.getconn(timeout)
        finally:
            self._waiting -= 1

    async def give_back(self, connection: Connection) -> None:
        """Put a connection back; for Lease."""
        await self._pool.putconn(connection)

    def replace_all(self) -> None:
        """Make every connection anew, each once it is free."""
        if self._drain is None or self._drain.done():
            self._drain = asyncio.create_task(self._pool.drain())

    async def _configure(self, made: AsyncConnection[DictRow]) -> None:
        cast(Connection, made).tracing = self._tracing

    async def _check(self, lent: AsyncConnection[DictRow]) -> None:
        connection = cast(Connection, lent)
        idle = monotonic() - connection.answered_at
        if idle < TRUSTED_IDLE_SECONDS and not _readable(connection.pgconn.socket):
            return
        try:
            await AsyncConnectionPool.check_connection(connection)
        except Exception:
            # If one is dead, so mostly are all: replace them now, not one per request with a pause after each.
            self.replace_all()
            raise
        self.answered_at = connection.answered_at = monotonic()


def _broke(error: psycopg.Error) -> bool:
    # libpq's own errors, such as of an end of the stream, have no SQLSTATE.
    gone = error.sqlstate is None or error.sqlstate.startswith(_SERVER_GONE)
    return gone and not isinstance(error, _POOL_ERRORS)


def _readable(descriptor: int) -> bool:
    # An idle connection has nothing to say: if there is something, it is mostly the end that a dead server left.
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))
