"""One connection to PostgreSQL: its statements are spans, and for none is waited in vain."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import AsyncConnection, AsyncCursor
from psycopg.errors import _WaitTimeout
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow
from psycopg.waiting import wait_async

from app.telemetry.queries import query_span
from app.telemetry.tracing import Tracing

if TYPE_CHECKING:
    from psycopg.abc import Params, PQGen, Query

T = TypeVar("T")

SILENCE_SECONDS = 1.0  # after the end of a statement's time, until which the server must have said something
CANCEL_SECONDS = 0.25  # for the server to take the wish, and as much to fulfil it; then the connection is closed


class SilentServerError(psycopg.OperationalError):
    """The server neither answered nor ended the statement in time: it is frozen, or the way to it swallows all."""


class Connection(AsyncConnection[DictRow]):
    """A connection that remembers when the server last answered on it, and whose statements are spans."""

    answered_at: float = 0.0
    patience: float | None = None
    """Seconds after which a server that says nothing is given up; more than it may work on a statement."""
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

    async def wait(self, gen: "PQGen[T]", interval: float = 0.1, timeout: float | None = None) -> T:  # noqa: ASYNC109
        """Wait for the server, as psycopg does, but let go soon of whoever gives up.

        psycopg gives the server up to 10 s to cancel the statement; the deadline of a request and the time of a probe
        would be longer by so much.
        """
        limit = timeout or self.patience
        try:
            return await wait_async(gen, self.pgconn.socket, interval, limit)
        except (asyncio.CancelledError, _WaitTimeout) as error:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                await self._cancel(gen)
            if isinstance(error, _WaitTimeout):
                raise SilentServerError(f"no word from the server in {limit} s") from None
            raise

    @contextmanager
    def waiting(self, seconds: float) -> Iterator[None]:
        """Have another patience for the block."""
        before, self.patience = self.patience, seconds
        try:
            yield
        finally:
            self.patience = before

    async def _cancel(self, gen: "PQGen[Any]") -> None:
        try:
            await self.cancel_safe(timeout=CANCEL_SECONDS)
            await wait_async(gen, self.pgconn.socket, 0.1, CANCEL_SECONDS)
        except psycopg.errors.QueryCanceled:
            pass  # as it should be
        except BaseException as error:
            self.pgconn.finish()  # nobody knows its state
            if not isinstance(error, Exception):
                raise
