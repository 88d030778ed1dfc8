"""The growth of the load: a line through the busiest hour of each day, over whole weeks.

The busiest hour is used because it is the one that reaches a limit, and because it does not depend on where a day
begins. The mean would hide growth: the busiest hour of a service that is idle at night grows more than the mean.

A day is compared only with the same day of other weeks, so that the pattern of a week is not mistaken for growth. That
needs two whole weeks. Before, a service that is idle at weekends looks like a growing one, and no test of significance
distinguishes them. Growth is then unknown, and the forecast is the past peak.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

DAY_HOURS = 24
WEEK_DAYS = 7
MIN_WEEKS = 2
MIN_STANDARD_ERRORS = 2.5  # of a slope above 0; with two weeks, noise alone exceeds it in 1 of 40 cases
DIGITS = 9  # of a slope; what is smaller is only how floating-point numbers add up


@dataclass(frozen=True, kw_only=True)
class Growth:
    """A fitted line, or the reason why there is none."""

    slope_per_day: float | None
    """Daily increase of the requests per second of the busiest hour."""
    r_squared: float | None
    """Share of the variation between weeks that the line explains, 0 to 1."""
    growing: bool
    hours: int
    """Hours that the fit covers, whole weeks; without a fit those recorded."""
    explanation: str


def fit(hourly: Sequence[float]) -> Growth:
    """Fit the load of consecutive hours, in requests per second, the newest last; only the newest whole weeks count."""
    days = len(hourly) // DAY_HOURS
    weeks = days // WEEK_DAYS
    if weeks < MIN_WEEKS:
        return Growth(
            slope_per_day=None,
            r_squared=None,
            growing=False,
            hours=len(hourly),
            explanation=f"growth is unknown: {days} of {MIN_WEEKS * WEEK_DAYS} days recorded",
        )
    loads = hourly[-weeks * WEEK_DAYS * DAY_HOURS :]
    slope, r_squared, error = _line([max(loads[at : at + DAY_HOURS]) for at in range(0, len(loads), DAY_HOURS)])
    growing = slope > 0 and slope > MIN_STANDARD_ERRORS * error
    return Growth(
        slope_per_day=slope,
        r_squared=r_squared,
        growing=growing,
        hours=len(loads),
        explanation=f"{'growing by' if growing else 'not growing beyond noise:'} "
        f"{slope:+.3g} requests/s a day in the busiest hour, over {weeks} weeks",
    )


def _line(peaks: Sequence[float]) -> tuple[float, float, float]:
    # Slope by day, R squared, and the slope's standard error, of what is left without the mean of each weekday.
    weeks = len(peaks) // WEEK_DAYS
    usual = [fsum(peaks[weekday::WEEK_DAYS]) / weeks for weekday in range(WEEK_DAYS)]
    middle = (weeks - 1) / 2
    points = [((at // WEEK_DAYS - middle) * WEEK_DAYS, peak - usual[at % WEEK_DAYS]) for at, peak in enumerate(peaks)]
    spread = fsum(day**2 for day, _ in points)
    slope = fsum(day * more for day, more in points) / spread
    variation = fsum(more**2 for _, more in points)
    rest = fsum((more - slope * day) ** 2 for day, more in points)
    r_squared = max(0.0, 1 - rest / variation) if variation > 0 else 0.0
    degrees = len(peaks) - WEEK_DAYS - 1
    return round(slope, DIGITS) + 0.0, r_squared, sqrt(rest / degrees / spread)
