"""The errors that mean that something a job needs is unavailable."""

from app.core.postgres.outages import DATABASE_UNAVAILABLE


class QueueUnavailableError(Exception):
    """SQS did not answer, or refused the call."""


JOBS_UNAVAILABLE = (*DATABASE_UNAVAILABLE, QueueUnavailableError)
"""The database or the queue is unavailable, or a circuit breaker is open: expected, and not a bug."""
