"""The line through the recorded load."""

from math import isfinite, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sre.growth import fit


def test_a_straight_line_is_found_exactly() -> None:
    """One request per second more each day."""
    growth = fit([10 + hour / 24 for hour in range(24 * 5)])

    assert growth.growing
    assert growth.slope_per_day == pytest.approx(1)
    assert growth.r_squared == pytest.approx(1)
    assert growth.hours == 120


def test_the_time_of_day_is_no_growth() -> None:
    """Nor is a part of a day at the beginning, which would look like a rise."""
    daily = [10 + 5 * sin(2 * pi * hour / 24) for hour in range(24 * 7 + 9)]

    growth = fit(daily)

    assert growth.hours == 24 * 7
    assert not growth.growing
    assert "not growing" in growth.explanation


def test_growth_shows_through_the_time_of_day() -> None:
    """Twice the load in two weeks."""
    growth = fit([10 + hour / 34 + 4 * sin(2 * pi * hour / 24) for hour in range(24 * 14)])

    assert growth.growing
    assert growth.slope_per_day == pytest.approx(24 / 34, rel=0.1)


def test_too_little_data_is_said() -> None:
    """Two days are a weekend."""
    growth = fit([1.0] * 48)

    assert (growth.slope_per_day, growth.r_squared, growth.growing) == (None, None, False)
    assert growth.explanation == "too little data: 48 of 72 hours recorded"


@given(st.lists(st.floats(0, 1e6), min_size=72, max_size=100))
def test_every_figure_is_finite(hourly: list[float]) -> None:
    """And R squared is a share."""
    growth = fit(hourly)

    assert growth.slope_per_day is not None
    assert growth.r_squared is not None
    assert isfinite(growth.slope_per_day)
    assert 0 <= growth.r_squared <= 1


def test_constant_load_does_not_grow() -> None:
    """No variation, nothing to explain."""
    growth = fit([3.0] * 96)

    assert (growth.slope_per_day, growth.r_squared, growth.growing) == (0, 0, False)
