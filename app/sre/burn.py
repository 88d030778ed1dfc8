"""Alerts on error budgets: burning too fast in a long and a short window, or nearly used up.

The long window shows that it matters, the short one that it still continues, so an alert ends soon after its cause.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.sre.alert import Alert, Severity
from app.sre.slo import PERIOD, SloState

MIN_BAD_EVENTS = 3
"""Minimum in the long window: with little traffic one failed request is a high rate, but no reason to page."""
LOW_BUDGET = 0.25


class Tier(NamedTuple):
    """A burn rate that is too high in both windows."""

    factor: float
    long: str
    short: str
    severity: Severity
    costs: str
    """Share of the budget that is used before the alert fires."""


TIERS = (
    Tier(14.4, "1h", "5m", "page", "2 % of the month's budget within an hour"),
    Tier(6, "6h", "30m", "page", "5 % of the month's budget within 6 hours"),
    Tier(3, "1d", "2h", "ticket", "10 % of the month's budget within a day"),
    Tier(1, "3d", "6h", "ticket", "10 % of the month's budget within 3 days"),
)


def burn_alerts(states: Sequence[SloState]) -> Iterator[Alert]:
    """Yield at most one alert on the rate, the most severe, and one on what is left, for each objective."""
    for state in states:
        fast = next((tier for tier in TIERS if _fires(state, tier)), None)
        if fast is not None:
            yield _burning(state, fast)
        if state.bad.get(PERIOD, 0) >= MIN_BAD_EVENTS and state.budget_left < LOW_BUDGET:
            yield _used_up(state) if state.budget_left <= 0 else _low(state)


def _fires(state: SloState, tier: Tier) -> bool:
    return (
        state.bad.get(tier.long, 0) >= MIN_BAD_EVENTS
        and state.burn_rate.get(tier.long, 0.0) > tier.factor
        and state.burn_rate.get(tier.short, 0.0) > tier.factor
    )


def _burning(state: SloState, tier: Tier) -> Alert:
    name = state.objective.name
    return Alert(
        name=f"{name}-burn-rate",
        severity=tier.severity,
        summary=f"{state.objective.title}: the error budget burns {state.burn_rate[tier.long]:.1f} times too fast over "
        f"{tier.long} and {state.burn_rate[tier.short]:.1f} times over {tier.short}, with {state.bad[tier.long]} bad "
        f"{state.objective.events}: {tier.costs}.",
        action="Find the failing dependency in the circuit breakers and the log, or roll back the last release.",
    )


def _used_up(state: SloState) -> Alert:
    return Alert(
        name=f"{state.objective.name}-budget-exhausted",
        severity="ticket",
        summary=f"{state.objective.title}: no error budget is left for these 30 days "
        f"({state.bad[PERIOD]} bad of {state.total} {state.objective.events}).",
        action="Release only fixes until the budget recovers.",
    )


def _low(state: SloState) -> Alert:
    return Alert(
        name=f"{state.objective.name}-budget-low",
        severity="ticket",
        summary=f"{state.objective.title}: {state.budget_left:.0%} of the error budget is left for these 30 days.",
        action="Work on reliability before the next feature.",
    )
