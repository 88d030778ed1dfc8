"""Line charts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sre.charts import HEIGHT, WIDTH, chart, nice_ceiling


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e9)), max_size=80))
def test_every_point_is_within_the_chart(values: list[float | None]) -> None:
    """For any values and gaps."""
    drawn = chart(values, 1.0)

    points = [tuple(map(float, pair.split(","))) for pair in re.findall(r"[-\d.e+]+,[-\d.e+]+", drawn.line)]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert bool(points) == any(value is not None for value in values)


def test_gaps_break_the_line() -> None:
    """A single value between gaps is drawn as a short line."""
    drawn = chart([1, 0.5, None, 1, None], 1.0)

    assert drawn.line == "M0,0L150,60M447,0L453,0"
    assert drawn.area == "M0,120L0,0L150,60L150,120ZM447,120L447,0L453,0L453,120Z"
    assert (drawn.top, drawn.peak, drawn.last) == (1, 1, 1)


def test_a_chart_without_values_is_empty() -> None:
    """It keeps its axis."""
    drawn = chart([None, None], 50.0)

    assert (drawn.line, drawn.area, drawn.top, drawn.peak, drawn.last) == ("", "", 50, None, None)


@pytest.mark.parametrize(("value", "top"), [(1, 1), (1.1, 2), (21, 25), (0.03, 0.05), (0.01, 0.01), (6e5, 1e6)])
def test_the_axis_ends_at_a_round_number(value: float, top: float) -> None:
    """It is the next of 1, 2, 2.5 and 5 times a power of ten."""
    assert nice_ceiling(value) == top
