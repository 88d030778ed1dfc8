"""Pauses between attempts: exponential with full jitter, so that concurrent failures are not retried together."""

import random

MAX_PAUSE_SECONDS = 900.0  # SQS allows up to 12 h


def longest_pause(base_seconds: float, attempt: int) -> float:
    """Return the upper limit of the pause after this attempt, counted from 1; in seconds."""
    # The exponent is bounded first, because the power of a float overflows; 900 s are reached long before.
    return min(MAX_PAUSE_SECONDS, base_seconds * 2.0 ** min(attempt - 1, 30))


def pause(base_seconds: float, attempt: int) -> float:
    """Return a random pause after this attempt, from 0 to the limit; in seconds."""
    return random.uniform(0, longest_pause(base_seconds, attempt))  # noqa: S311 (no secret depends on it)
