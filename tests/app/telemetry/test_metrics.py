"""Metrics of requests, and their bounded labels."""

import pytest
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

from app.telemetry.metrics import DEPENDENCIES, REFUSALS, Metrics

TRACE = "ab" * 16


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("test")


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_counters_of_refusals_and_degraded_answers_start_at_zero(metrics: Metrics) -> None:
    """A rate does not include the first event of a series that starts with 1."""
    assert {value(metrics, "requests_refused_total", reason=reason) for reason in REFUSALS} == {0}
    assert {value(metrics, "degraded_answers_total", dependency=name) for name in DEPENDENCIES} == {0}


def test_a_refusal_is_counted_by_its_reason_or_its_status(metrics: Metrics) -> None:
    """A 503 without a reason is not a refusal. An unknown reason counts as `other`."""
    metrics.refused(503, "shed")
    metrics.refused(429, None)
    metrics.refused(413, None)
    metrics.refused(503, "whim")
    metrics.refused(503, None)
    metrics.refused(404, None)

    counted = {reason: value(metrics, "requests_refused_total", reason=reason) for reason in (*REFUSALS, "other")}
    assert counted == {"shed": 1, "rate_limited": 1, "body": 1, "other": 1, "deadline": 0, "breaker": 0}
    assert value(metrics, "requests_refused_total", reason="whim") is None


def test_a_degraded_answer_is_counted_by_its_dependency(metrics: Metrics) -> None:
    """An unknown dependency counts as `other`."""
    metrics.degraded("database")
    metrics.degraded("moon")

    assert value(metrics, "degraded_answers_total", dependency="database") == 1
    assert value(metrics, "degraded_answers_total", dependency="other") == 1
    assert value(metrics, "degraded_answers_total", dependency="moon") is None


def test_exemplars_are_in_openmetrics_and_not_in_the_text_format(metrics: Metrics) -> None:
    """Only requests with an exported trace have one."""
    metrics.answered("GET", "/a", 200, 0.15, TRACE)
    metrics.answered("GET", "/b", 200, 0.15)

    exemplars = [line for line in openmetrics.generate_latest(metrics.registry).decode().splitlines() if "# {" in line]
    assert len(exemplars) == 1
    assert 'le="0.2"' in exemplars[0]
    assert f'# {{trace_id="{TRACE}"}} 0.15' in exemplars[0]
    assert TRACE not in generate_latest(metrics.registry).decode()


def test_in_flight_is_read_at_scrape(metrics: Metrics) -> None:
    """It is a plain number, because a lock would cost time in every request."""
    metrics.in_flight = 3

    assert value(metrics, "http_requests_in_flight") == 3
