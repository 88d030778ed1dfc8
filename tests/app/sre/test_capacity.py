"""Capacity, and the recommended number of replicas."""

from math import isfinite
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sre.capacity import Capacity, Resource, plan
from app.sre.growth import Growth, fit
from app.sre.instances import Instance

STEADY = fit([5.0] * 336)
GROWING = fit([10 + hour / 24 for hour in range(336)])  # 1 request/s more each day


def replica(**report: Any) -> Instance:
    usual = {"cpu": 0.25, "cpu_limit": 1.0, "rss_mb": 100.0, "pool_used": 2, "pool_max": 10, "in_flight": 1}
    return Instance(name="a", role="serve", age_seconds=0, report={**usual, "max_in_flight": 100, **report})


def resource(capacity: Capacity, name: str) -> Resource:
    return next(resource for resource in capacity.resources if resource.name == name)


def test_recommends_replicas_for_the_forecast_peak() -> None:
    """100 requests/s now plus 14 in two weeks, 50 per replica at 60 % utilisation: 114 / 30, rounded up."""
    capacity = plan([replica(capacity_rps=50.0), replica(capacity_rps=80.0)], 20, 100, GROWING)

    assert capacity.forecast_peak_rps == pytest.approx(114)
    assert capacity.replica_rps == 50
    assert capacity.recommended_replicas == 4
    assert "growth included" in capacity.reasoning
    assert "4 needed" in capacity.reasoning
    assert "Running now: 2." in capacity.reasoning


def test_recommends_at_least_two_replicas() -> None:
    """One would be enough for the load, but would cause an outage at a restart."""
    capacity = plan([replica(capacity_rps=500.0)], 1, 2, STEADY)

    assert capacity.recommended_replicas == 2
    assert "fewer than 2 a restart is an outage" in capacity.reasoning


@pytest.mark.parametrize(
    ("growth", "known"), [(STEADY, "not growing beyond noise: +0 requests/s a day"), (fit([]), "growth is unknown")]
)
def test_without_growth_the_forecast_is_the_current_peak(growth: Growth, known: str) -> None:
    """The reasoning says whether there is no growth or it is unknown."""
    capacity = plan([replica(capacity_rps=50.0)], 20, 100, growth)

    assert (capacity.forecast_peak_rps, capacity.recommended_replicas) == (100, 4)
    assert f"A peak of 100.0 requests/s ({known}" in capacity.reasoning


def test_three_days_of_office_hours_are_not_growth() -> None:
    """A record that starts in the evening looks like growth. The forecast stays at the current peak."""
    growth = fit([20.0 if 8 <= hour % 24 < 18 else 2.0 for hour in range(18, 90)])
    capacity = plan([replica(cpu=0.33, capacity_rps=60.0)], 20, 20, growth)

    assert capacity.forecast_peak_rps == 20
    assert [each.days_until_limit for each in capacity.resources] == [None] * 4


def test_recommends_the_current_replicas_without_a_measurement() -> None:
    """The reasoning says that there was not enough load."""
    capacity = plan([replica(), replica(), replica()], 1, 2, STEADY)

    assert (capacity.recommended_replicas, capacity.replica_rps) == (3, None)
    assert "enough load" in capacity.reasoning


def test_computes_the_days_until_a_limit() -> None:
    """25 % at 10 requests/s is 100 % at 40, which growth by 1 per day reaches in 30 days."""
    cpu = resource(plan([replica(), replica(cpu=0.1)], 10, 10, GROWING), "cpu")

    assert (cpu.used, cpu.limit, cpu.utilisation) == (pytest.approx(0.35), 2, 0.25)
    assert cpu.days_until_limit == pytest.approx(30)
    assert cpu.explanation == "full at 40 requests/s"


@pytest.mark.parametrize(
    ("report", "rps", "growth", "days", "explanation"),
    [
        ({}, 10, STEADY, None, "not growing beyond noise"),
        ({}, 10, fit([]), None, "growth is unknown: 0 of 14 days recorded"),
        ({}, 0.2, GROWING, None, "too little load now (0.2 requests/s)"),
        ({"cpu": 1.2}, 10, GROWING, 0, "at its limit now"),
        ({"cpu": None}, 10, GROWING, None, "unknown"),
        ({"cpu_limit": None}, 10, GROWING, None, "unknown"),
        ({"cpu": 0.001}, 10, GROWING, None, "not within ten years"),
    ],
)
def test_explains_a_missing_date(
    report: dict[str, Any], rps: float, growth: Growth, days: float | None, explanation: str
) -> None:
    """Each missing number of days has an explanation."""
    cpu = resource(plan([replica(**report)], rps, rps, growth), "cpu")

    assert cpu.days_until_limit == days
    assert explanation in cpu.explanation


def test_memory_does_not_depend_on_the_load() -> None:
    """Its limit is known only in a container with a limit."""
    limited = resource(plan([replica(memory_limit_mb=200.0)], 10, 10, GROWING), "memory")
    free = resource(plan([replica(memory_limit_mb=None)], 10, 10, GROWING), "memory")

    assert (limited.utilisation, limited.days_until_limit, limited.explanation) == (
        0.5,
        None,
        "does not depend on the load",
    )
    assert (free.used, free.limit, free.utilisation) == (100, None, None)


NUMBERS = st.one_of(st.none(), st.floats(0, 1e6), st.just("?"))


@given(
    st.lists(st.dictionaries(st.sampled_from(["cpu", "cpu_limit", "pool_used", "pool_max", "capacity_rps"]), NUMBERS))
)
def test_tolerates_any_report(reports: list[dict[str, Any]]) -> None:
    """Another release may have written it. All figures are finite."""
    instances = [Instance(name="a", role="serve", age_seconds=0, report=report) for report in reports]
    capacity = plan([*instances, Instance(name="w", role="worker", age_seconds=0)], 10, 20, GROWING)

    assert capacity.replicas == len(reports)
    assert capacity.recommended_replicas >= 2
    figures = [figure for found in capacity.resources for figure in (found.utilisation, found.days_until_limit)]
    assert all(isfinite(figure) for figure in figures if figure is not None)
