"""Latency histograms."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sre.buckets import EDGES, SIZE, UP_TO_200MS, UP_TO_500MS, add, place, quantile

LATENCIES = st.lists(st.floats(0, 9.9), min_size=1, max_size=200)


def counts_of(latencies: list[float]) -> list[int]:
    counts = [0] * SIZE
    for seconds in latencies:
        counts[place(seconds)] += 1
    return counts


@given(LATENCIES, st.sampled_from([0.5, 0.95, 0.99]))
def test_an_estimated_quantile_is_in_the_bucket_of_the_exact_one(latencies: list[float], share: float) -> None:
    """So its error is less than the width of the bucket."""
    exact = sorted(latencies)[ceil(share * len(latencies) - 1e-9) - 1]
    position = place(exact)

    estimate = quantile(counts_of(latencies), share)

    assert estimate is not None
    assert (EDGES[position - 1] if position else 0) <= estimate <= EDGES[position]


@given(LATENCIES, LATENCIES)
def test_counts_of_replicas_can_be_added(first: list[float], second: list[float]) -> None:
    """The sum equals the counts of all latencies."""
    assert add(counts_of(first), counts_of(second)) == counts_of(first + second)


def test_the_thresholds_are_bucket_edges() -> None:
    """A latency of exactly 200 ms counts as within 200 ms."""
    assert place(0.2) < UP_TO_200MS <= place(0.2001)
    assert place(0.5) < UP_TO_500MS <= place(0.5001)


def test_quantiles_of_no_requests_and_above_the_last_edge() -> None:
    """None without requests; the last edge for longer latencies."""
    assert quantile([0] * SIZE, 0.95) is None
    assert quantile(counts_of([60.0]), 0.95) == EDGES[-1]
    assert quantile(counts_of([0.15] * 100), 0.5) == pytest.approx(0.125)
