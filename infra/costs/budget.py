"""Compares an estimate with the budget of the settings."""

from infra.costs.estimate import Estimate
from stacks.settings import Settings


def over_budget(estimate: Estimate, settings: Settings) -> str | None:
    """Return the message if the stack costs more at rest than `budget.monthlyUsd`; None if it does not."""
    budget = settings.budget.monthly_usd
    if budget is None or estimate.rest <= budget:
        return None
    parts = [f"{name} {sum(each.rest_usd for each in charges):.2f}" for name, charges in estimate.components.items()]
    return (
        f"the stack costs {estimate.rest:.2f} USD a month at rest, and budget.monthlyUsd is {budget} "
        f"(most of it: {', '.join(parts[:3])}); reduce what it creates, or raise the budget"
    )
