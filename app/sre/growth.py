"""How the load grows: a straight line through what was recorded by the hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

DAY_HOURS = 24
MIN_DAYS = 3
SURE = 2.0  # standard errors that a slope must be away from 0 to be more than noise


@dataclass(frozen=True, kw_only=True)
class Growth:
    """A fit, or the reason that there is none."""

    slope_per_day: float | None
    """Requests per second more, each day."""
    r_squared: float | None
    """Share of the variation that the line explains, 0 to 1."""
    growing: bool
    hours: int
    """Hours that the fit covers."""
    explanation: str


def fit(hourly: Sequence[float]) -> Growth:
    """Fit the load of consecutive hours, in requests per second, the newest last.

    Only whole days count: part of a day has a slope of its own, up in the morning and down at night.
    """
    days = len(hourly) // DAY_HOURS
    if days < MIN_DAYS:
        return Growth(
            slope_per_day=None,
            r_squared=None,
            growing=False,
            hours=len(hourly),
            explanation=f"too little data: {len(hourly)} of {MIN_DAYS * DAY_HOURS} hours recorded",
        )
    loads = hourly[-days * DAY_HOURS :]
    slope, r_squared, error = _line(loads)
    growing = slope > 0 and slope > SURE * error
    return Growth(
        slope_per_day=slope * DAY_HOURS,
        r_squared=r_squared,
        growing=growing,
        hours=len(loads),
        explanation=f"{'growing by' if growing else 'not growing beyond noise:'} "
        f"{slope * DAY_HOURS:+.3g} requests/s a day over {days} days",
    )


def _line(values: Sequence[float]) -> tuple[float, float, float]:
    # Slope by step, R squared, and the slope's standard error.
    count = len(values)
    middle, mean = (count - 1) / 2, fsum(values) / count
    spread = fsum((x - middle) ** 2 for x in range(count))
    slope = fsum((x - middle) * (value - mean) for x, value in enumerate(values)) / spread
    variation = fsum((value - mean) ** 2 for value in values)
    rest = fsum((value - mean - slope * (x - middle)) ** 2 for x, value in enumerate(values))
    r_squared = max(0.0, 1 - rest / variation) if variation > 0 else 0.0
    return slope, r_squared, sqrt(rest / (count - 2) / spread)
