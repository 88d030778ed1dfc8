"""Latency as counts in fixed buckets: compact, and exact when summed over minutes and replicas."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import zip_longest

# Stored by position, so a new edge would change the meaning of old rows. 0.2 and 0.5 are thresholds of objectives.
EDGES = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip
SIZE = len(EDGES) + 1  # the last bucket has no upper edge
UP_TO_200MS = EDGES.index(0.2) + 1
UP_TO_500MS = EDGES.index(0.5) + 1


def place(seconds: float) -> int:
    """Return the position of the bucket; an edge belongs to the bucket below it."""
    return bisect_left(EDGES, seconds)


def add(first: Sequence[int], second: Sequence[int]) -> list[int]:
    """Return the counts of both."""
    return [one + other for one, other in zip_longest(first, second, fillvalue=0)]


def quantile(counts: Sequence[int], share: float) -> float | None:
    """Return the latency in seconds that `share` of the requests stay within, linear in its bucket.

    None if there are no requests; the last edge if it lies above that: more is not known.
    """
    total = sum(counts)
    if total == 0:
        return None
    rank = share * total
    below = 0
    for position, count in enumerate(counts):
        if count and below + count >= rank:
            if position >= len(EDGES):
                break
            low = EDGES[position - 1] if position else 0.0
            return low + (EDGES[position] - low) * max(rank - below, 0.0) / count
        below += count
    return EDGES[-1]
