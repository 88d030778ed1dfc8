"""Growth of the recorded load, by linear regression."""

from collections.abc import Callable
from math import isfinite, pi, sin
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sre.growth import fit

Shape = Callable[[int], float]

WEEK_HOURS = 24 * 7
PHASES = range(0, WEEK_HOURS, 7)
"""24 hours of the week at which the record starts: each hour of the day once, on all days."""


def wave(hour: int) -> float:
    """A sine: 10 requests/s on average, 18 at its maximum, 2 at its minimum."""
    return 10 + 8 * sin(2 * pi * (hour + 0.3) / 24)  # the maxima of the days differ in the last bits


def office_hours(hour: int) -> float:
    """20 requests/s from 8 to 18 h, otherwise 2."""
    return 20 if 8 <= hour % 24 < 18 else 2


def business_week(hour: int) -> float:
    """Office hours from Monday to Friday."""
    return office_hours(hour) if hour // 24 % 7 < 5 else 2


SHAPES = pytest.mark.parametrize("shape", [wave, office_hours, business_week])


@SHAPES
@pytest.mark.parametrize("phase", PHASES)
def test_a_daily_or_weekly_pattern_is_not_growth(shape: Shape, phase: int) -> None:
    """For any start and length of the record, also with an incomplete day."""
    for hours in range(3 * 24, 28 * 24 + 1, 8):
        growth = fit([shape(phase + hour) for hour in range(hours)])

        assert not growth.growing
        assert growth.slope_per_day == (None if hours < 14 * 24 else 0)


@SHAPES
@pytest.mark.parametrize("phase", PHASES)
def test_finds_linear_growth_on_top_of_a_pattern(shape: Shape, phase: int) -> None:
    """0.2 requests/s per day, which is 2 % of the mean of the wave."""
    for days in range(14, 29):
        growth = fit([shape(phase + hour) + 0.2 * hour / 24 for hour in range(days * 24)])

        assert growth.growing
        assert growth.slope_per_day == pytest.approx(0.2)


@SHAPES
@pytest.mark.parametrize("phase", PHASES)
def test_finds_proportional_growth_of_a_pattern(shape: Shape, phase: int) -> None:
    """2 % per day of the daily peaks, including those of quiet days."""
    peaks = [max(shape(hour) for hour in range(day * 24, day * 24 + 24)) for day in range(7)]
    for days in range(14, 29):
        growth = fit([shape(phase + hour) * (1 + 0.02 * hour / 24) for hour in range(days * 24)])

        assert growth.growing
        # If days start within office hours, one more day of the week looks busy.
        assert growth.slope_per_day == pytest.approx(0.02 * sum(peaks) / 7, rel=0.2)


@pytest.mark.parametrize(("weeks", "growing"), [(2, 0.8), (3, 0.95), (4, 0.95)])
def test_distinguishes_noise_from_growth_in_most_cases(weeks: int, growing: float) -> None:
    """100 records of business weeks with 5 % noise per day: few look like growth; 2 % per day is mostly found."""
    false = found = 0
    for seed in range(100):
        random = Random(seed)
        days = [random.gauss(1, 0.05) for _ in range(weeks * 7)]
        loads = [business_week(hour) * days[hour // 24] for hour in range(weeks * WEEK_HOURS)]
        false += fit(loads).growing
        found += fit([load * (1 + 0.02 * hour / 24) for hour, load in enumerate(loads)]).growing

    assert false <= 5
    assert found >= growing * 100


def test_one_busy_day_is_not_growth() -> None:
    """A day with ten times the load in the newest week, such as a campaign."""
    loads = [office_hours(hour) * (10 if 9 <= hour // 24 < 10 else 1) for hour in range(14 * 24)]

    assert not fit(loads).growing


def test_finds_the_exact_slope_of_a_line() -> None:
    """1 request/s more per day; of 16 days the newest 14 count."""
    growth = fit([10 + hour / 24 for hour in range(24 * 16)])

    assert growth.growing
    assert growth.slope_per_day == pytest.approx(1)
    assert growth.r_squared == pytest.approx(1)
    assert growth.hours == 2 * WEEK_HOURS
    assert growth.explanation == "growing by +1 requests/s a day in the busiest hour, over 2 weeks"


def test_falling_load_is_not_growth() -> None:
    """Even without noise."""
    growth = fit([40 - hour / 24 for hour in range(24 * 14)])

    assert not growth.growing
    assert growth.explanation == "not growing beyond noise: -1 requests/s a day in the busiest hour, over 2 weeks"


@pytest.mark.parametrize(("hours", "days"), [(0, 0), (71, 2), (7 * 24, 7), (14 * 24 - 1, 13)])
def test_growth_is_unknown_before_two_weeks(hours: int, days: int) -> None:
    """Also steep growth, because a week that starts with a weekend looks the same."""
    growth = fit([float(hour) for hour in range(hours)])

    assert (growth.slope_per_day, growth.r_squared, growth.growing, growth.hours) == (None, None, False, hours)
    assert growth.explanation == f"growth is unknown: {days} of 14 days recorded"


@given(st.lists(st.floats(0, 1e6), min_size=336, max_size=400))
def test_every_figure_is_finite(hourly: list[float]) -> None:
    """R squared is between 0 and 1."""
    growth = fit(hourly)

    assert growth.slope_per_day is not None
    assert growth.r_squared is not None
    assert isfinite(growth.slope_per_day)
    assert 0 <= growth.r_squared <= 1


@pytest.mark.parametrize("load", [0.0, 0.1, 3.0])
def test_constant_load_is_not_growth(load: float) -> None:
    """R squared is 0 without variation."""
    growth = fit([load] * 336)

    assert (growth.slope_per_day, growth.r_squared, growth.growing) == (0, 0, False)
    assert growth.explanation == "not growing beyond noise: +0 requests/s a day in the busiest hour, over 2 weeks"
