"""Formats of figures on the page."""

import pytest

from app.sre.page import budget_tone, duration, fill_tone, milliseconds, number, percent


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "n/a"),
        (0, "0 %"),
        (1, "100 %"),
        (0.5, "50 %"),
        (0.4286, "42.9 %"),
        (0.9999, "99.99 %"),
        (0.99999999, "99.999 %"),
        (0.00000001, "0.001 %"),
        (-9.0, "-900 %"),
    ],
)
def test_formats_percentages(share: float | None, text: str) -> None:
    """Only 1 is shown as 100 %, and only 0 as 0 %."""
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "n/a"), (0, "0"), (3.0, "3"), (0.004, "<0.01"), (0.25, "0.25"), (12.34, "12.3"), (40335245, "40,335,245")],
)
def test_formats_numbers(value: float | None, text: str) -> None:
    """With up to three significant digits; integers in full."""
    assert number(value) == text


def test_formats_latencies_and_durations() -> None:
    """Latencies below a second in ms; durations in their largest unit."""
    assert [milliseconds(value) for value in (None, 84.04, 1500)] == ["n/a", "84.0 ms", "1.50 s"]
    assert [duration(value) for value in (4, 60, 7200, 259_200)] == ["4 s", "1 min", "2 h", "3 d"]


def test_colours_depend_on_the_value() -> None:
    """Good, warning and bad, for error budgets and utilisation."""
    assert [budget_tone(left) for left in (1, 0.4, 0.2, -1)] == ["good", "warn", "bad", "bad"]
    assert [fill_tone(share) for share in (None, 0.5, 0.7, 1.2)] == ["good", "good", "warn", "bad"]
