"""How the load grows: a straight line through what was recorded by the hour, week against week.

A day counts by its busiest hour: that is where limits are met, and it is the same at whatever hour days are cut. A mean
would tell too little of it: the busiest hour of a service that is idle at night gains more than the mean does.

A day is compared with the same day of other weeks only, so no rhythm of day or week is taken for growth, wherever the
record begins. That needs two whole weeks. Before them a service that rests at weekends looks like one that grows, and
no test of significance tells them apart; so growth is not known yet, and the forecast is the peak that there was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

DAY_HOURS = 24
WEEK_DAYS = 7
MIN_WEEKS = 2
SURE = 2.5  # standard errors that a slope must be above 0; noise alone gets there in 1 of 40 cases with two weeks
DIGITS = 9  # of a slope; what is smaller is only how floating-point numbers add up


@dataclass(frozen=True, kw_only=True)
class Growth:
    """A fit, or the reason that there is none."""

    slope_per_day: float | None
    """Requests per second more in the busiest hour, each day."""
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
            explanation=f"growth not known yet, {days} of {MIN_WEEKS * WEEK_DAYS} days recorded",
        )
    loads = hourly[-weeks * WEEK_DAYS * DAY_HOURS :]
    slope, r_squared, error = _line([max(loads[at : at + DAY_HOURS]) for at in range(0, len(loads), DAY_HOURS)])
    growing = slope > 0 and slope > SURE * error
    return Growth(
        slope_per_day=slope,
        r_squared=r_squared,
        growing=growing,
        hours=len(loads),
        explanation=f"{'growing by' if growing else 'not growing beyond noise:'} "
        f"{slope:+.3g} requests/s a day in the busiest hour, over {weeks} weeks",
    )


def _line(peaks: Sequence[float]) -> tuple[float, float, float]:
    # Slope by day, R squared, and the slope's standard error, of what is left when each weekday's mean is taken away.
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
