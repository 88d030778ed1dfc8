"""Pauses between attempts: exponential with full jitter, so that what failed together is not tried together."""

import random

MAX_PAUSE_SECONDS = 900.0  # SQS hides a message for up to 12 h, but nobody should wait that long


def longest_pause(base_seconds: float, attempt: int) -> float:
    """Return the upper limit of the pause after this attempt, counted from 1; in seconds."""
    # The exponent is bounded before the power: a float overflows, and 900 s are long reached.
    return min(MAX_PAUSE_SECONDS, base_seconds * 2.0 ** min(attempt - 1, 30))


def pause(base_seconds: float, attempt: int) -> float:
    """Return how long to wait after this attempt: anything from 0 to the limit, in seconds."""
    return random.uniform(0, longest_pause(base_seconds, attempt))  # noqa: S311 (no secret depends on it)
