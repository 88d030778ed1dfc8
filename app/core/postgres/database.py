"""The pool of connections to PostgreSQL. It survives restarts of the server and rotations of the password."""

import asyncio
import random
import select
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from time import monotonic
from typing import Any, TypeVar, cast

import psycopg
from psycopg import AsyncConnection
from psycopg import errors as pg
from psycopg.rows import DictRow, dict_row
from psycopg.sql import SQL, Composed
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from app.core.postgres.connection import SILENCE_SECONDS, Connection, SilentServerError
from app.core.postgres.conninfo import conninfo, statement_seconds
from app.core.postgres.lease import Lease
from app.core.resilience.breaker import Breaker, Breakers
from app.settings import CurrentSettings, Settings
from app.telemetry.tracing import Tracing

Statement = bytes | SQL | Composed
Result = TypeVar("Result")

CHECKOUT_TIMEOUT_SECONDS = 5.0  # then the request gets a 503
# A request that would wait longer than this, the slower latency threshold of the service levels, is refused.
MAX_WAIT_SECONDS = 0.5
# The delay between attempts doubles up to this. It is short, so that a restarted server is found within 2 s.
RECONNECT_SECONDS = 5.0  # then the next request starts new attempts
_NOT_BROKEN = (PoolClosed, PoolTimeout, TooManyRequests, SilentServerError)
_SERVER_GONE = ("08", "57P")  # classes of SQLSTATE: connection exception; shutdown, crash, starting up
RETRY_PAUSE_SECONDS = 0.2  # maximum of a random pause, so that requests that failed together do not retry together
TRUSTED_IDLE_SECONDS = 1.0  # a connection that responded this recently is not checked at checkout
CHECK_SECONDS = 0.4  # timeout of that check; less than the timeout of a probe


class Database:
    """Connections to PostgreSQL in autocommit mode, rows as dicts.

    Opening never waits for the server: the process starts without it, is not ready, and recovers automatically.
    """

    def __init__(self, settings: Settings, breaker: Breaker | None = None, tracing: Tracing | None = None) -> None:
        self.breaker = breaker or Breakers(settings).new("database")
        self.answered_at = float("-inf")
        """When the server last responded, on the monotonic clock."""
        self._drain: asyncio.Task[None] | None = None
        self.statement_seconds = statement_seconds(settings)
        self._tracing = tracing if tracing is not None and tracing.on else None
        current = CurrentSettings(settings)
        self._pool = AsyncConnectionPool(
            # Called for each new connection, so a rotated password takes effect without a restart, and each connection
            # gets its own token. In a thread: signing a token may renew the credentials of the role first.
            conninfo=lambda: asyncio.to_thread(lambda: conninfo(current())),
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
        # Not the pool's own max_waiting: it also counts requests that gave up, until a connection comes. In a long
        # outage it refuses every request, and as only a waiting request starts new connection attempts, for ever.
        self._waiting = 0
        self._max_connections = settings.max_connections
        self._held_seconds = 0.0

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
        """Check out a connection for an `async with` block.

        Raises BreakerOpenError while the breaker is open, psycopg_pool.PoolTimeout if no connection is free within
        `timeout` seconds, and TooManyRequests without waiting if that is foreseeable. The last two are
        psycopg.OperationalError.
        """
        return Lease(self, timeout)

    @asynccontextmanager
    async def transaction(self, timeout: float | None = None) -> AsyncIterator[Connection]:  # noqa: ASYNC109
        """Check out a connection in a transaction: committed at the end of the block, rolled back if it raises.

        If the connection broke before the transaction began, begin it on another one: nothing has been done.
        """
        connection, begun = await _once_more(lambda: self._begin(timeout))
        async with begun:
            yield connection

    async def read(
        self, statement: Statement, params: Mapping[str, Any] | None = None, *, binary: bool = False
    ) -> list[DictRow]:
        """Return the rows of a read-only statement; retry once if the connection broke.

        `binary` selects PostgreSQL's binary format: many rows take a third less time, a single row takes more.
        """
        return await _once_more(lambda: self._rows(statement, params, binary))

    async def probe(
        self,
        statement: Statement,
        params: Mapping[str, Any] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> list[DictRow]:
        """Return the rows of a statement of a health probe.

        A probe ignores the breaker and closes it on success, so a recovered server is used after the next probe. Its
        failure is not counted, because a probe has a shorter timeout than a request. `timeout` covers checkout and
        statement. Raises PoolTimeout, whether no connection was free or the server did not respond.
        """
        try:
            async with asyncio.timeout(timeout), Lease(self, timeout, guarded=False) as connection:
                rows = await (await connection.execute(statement, params)).fetchall()
        except TimeoutError:
            raise PoolTimeout(f"no response within {timeout} s") from None
        self.breaker.succeeded()
        return rows

    async def migration(self, timeout: float | None = None) -> str | None:  # noqa: ASYNC109
        """Return the revision of the schema by a probe; None if no migration ever ran."""
        try:
            rows = await self.probe(b"SELECT version_num FROM alembic_version", timeout=timeout)
        except pg.UndefinedTable:
            self.breaker.succeeded()
            return None
        return rows[0]["version_num"] if rows else None

    async def _begin(self, timeout: float | None) -> tuple[Connection, AsyncExitStack]:  # noqa: ASYNC109
        async with AsyncExitStack() as stack:
            connection = await stack.enter_async_context(self.connection(timeout))
            await stack.enter_async_context(connection.transaction())
            return connection, stack.pop_all()

    async def _rows(self, statement: Statement, params: Mapping[str, Any] | None, binary: bool) -> list[DictRow]:
        async with self.connection() as connection:
            return await (await connection.execute(statement, params, binary=binary)).fetchall()

    async def take(self, timeout: float | None) -> Connection:  # noqa: ASYNC109
        """Check a connection out of the pool; for Lease."""
        if self._waiting * self._held_seconds > MAX_WAIT_SECONDS * self._max_connections:
            raise TooManyRequests(
                f"{self._waiting} requests are waiting, and each holds a connection for {self._held_seconds:.3f} s"
            )
        self._waiting += 1
        try:
            return await self._pool.getconn(timeout)
        finally:
            self._waiting -= 1

    async def give_back(self, connection: Connection, held_seconds: float) -> None:
        """Return a connection to the pool; for Lease."""
        self._held_seconds += (held_seconds - self._held_seconds) / 16  # moving average of roughly the last 16
        await self._pool.putconn(connection)

    def replace_all(self) -> None:
        """Replace every connection once it is free."""
        if self._drain is None or self._drain.done():
            self._drain = asyncio.create_task(self._pool.drain())

    async def _configure(self, new: AsyncConnection[DictRow]) -> None:
        connection = cast(Connection, new)
        connection.tracing = self._tracing
        connection.reply_timeout = self.statement_seconds + SILENCE_SECONDS

    async def _check(self, pooled: AsyncConnection[DictRow]) -> None:
        connection = cast(Connection, pooled)
        idle = monotonic() - connection.answered_at
        if idle < TRUSTED_IDLE_SECONDS and not _readable(connection.pgconn.socket):
            return
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await AsyncConnectionPool.check_connection(connection)
        except Exception:
            # If one is dead, mostly all are: replace all now, instead of one per request with a pause after each.
            self.replace_all()
            raise
        self.answered_at = connection.answered_at = monotonic()


async def _once_more(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """Return the result of `attempt`; retry it once if its connection broke."""
    try:
        return await attempt()
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        if not _broke(error):
            raise
    await asyncio.sleep(random.random() * RETRY_PAUSE_SECONDS)  # noqa: S311 (no secret)
    return await attempt()


def _broke(error: psycopg.Error) -> bool:
    # libpq's own errors, such as of an end of the stream, have no SQLSTATE.
    gone = error.sqlstate is None or error.sqlstate.startswith(_SERVER_GONE)
    return gone and not isinstance(error, _NOT_BROKEN)


def _readable(descriptor: int) -> bool:
    # An idle connection has nothing to read. If it has, it is mostly the end of the stream of a dead server.
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))
