"""The errors that mean that the database is unavailable. Each set is defined here and nowhere else."""

import psycopg
from psycopg import errors as pg

from app.core.resilience.breaker import BreakerOpenError

SERVER_UNAVAILABLE = (psycopg.OperationalError, psycopg.InterfaceError, pg.ReadOnlySqlTransaction)
"""The server is unreachable, restarting, or no longer the primary: the failures that the circuit breaker counts."""

ANSWERED = (pg.DeadlockDetected, pg.LockNotAvailable, pg.SerializationFailure)
"""psycopg calls these operational errors, but the server answered: the circuit breaker does not count them."""

NOT_READY = (*SERVER_UNAVAILABLE, pg.UndefinedTable)
"""Unavailable, or not migrated yet. Both are temporary, so clients get a 503 with `Retry-After`."""

DATABASE_UNAVAILABLE = (*SERVER_UNAVAILABLE, BreakerOpenError)
"""Raised by a statement while the database is unavailable; BreakerOpenError without a call."""
