"""A PostgreSQL connection that traces each statement and fails fast when the server stops responding."""

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

SILENCE_SECONDS = 1.0  # added to the time limit of a statement: by then the server must have responded
CANCEL_SECONDS = 0.25  # to send a cancel request, and again to see its effect; then the connection is closed


class SilentServerError(psycopg.OperationalError):
    """The server did not respond within the timeout: it is frozen, or the network drops packets."""


class Connection(AsyncConnection[DictRow]):
    """A connection that traces its statements and records when the server last responded."""

    answered_at: float = 0.0
    reply_timeout: float | None = None
    """Seconds without a response after which the connection fails; longer than a statement may take."""
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
        """Wait for the server, as psycopg does, but return soon after a cancellation or a timeout.

        psycopg gives the server up to 10 s to cancel a statement, which would be added to the deadline of a request
        and to the timeout of a probe. Raises SilentServerError after `reply_timeout`.
        """
        limit = timeout or self.reply_timeout
        try:
            return await wait_async(gen, self.pgconn.socket, interval, limit)
        except (asyncio.CancelledError, _WaitTimeout) as error:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                await self._cancel(gen)
            if isinstance(error, _WaitTimeout):
                raise SilentServerError(f"no response from the server in {limit} s") from None
            raise

    @contextmanager
    def replying_within(self, seconds: float) -> Iterator[None]:
        """Use another `reply_timeout` for the block."""
        before, self.reply_timeout = self.reply_timeout, seconds
        try:
            yield
        finally:
            self.reply_timeout = before

    async def _cancel(self, gen: "PQGen[Any]") -> None:
        try:
            await self.cancel_safe(timeout=CANCEL_SECONDS)
            await wait_async(gen, self.pgconn.socket, 0.1, CANCEL_SECONDS)
        except psycopg.errors.QueryCanceled:
            pass  # the cancel request worked
        except BaseException as error:
            self.pgconn.finish()  # its state is unknown
            if not isinstance(error, Exception):
                raise
