"""What exceeds the budget of the settings."""

from hypothesis import given
from hypothesis import strategies as st

from infra.costs.budget import over_budget
from infra.costs.estimate import estimate
from stacks.settings import Settings, parse_settings
from tests.support.planned import planned_stack


def _settings(monthly_usd: int | None) -> Settings:
    values = {"region": "eu-central-1", "edge": {"domain": "api.example.com"}, "budget": {"monthlyUsd": monthly_usd}}
    return parse_settings(values, "prod")


@given(st.integers(1, 3000))
def test_exceeds_a_budget_below_the_cost_at_rest(budget: int) -> None:
    """Only the cost at rest counts, not the maximum."""
    found = estimate(planned_stack("prod"))

    assert (over_budget(found, _settings(budget)) is not None) == (found.rest > budget)


def test_names_the_cost_the_budget_and_the_largest_components() -> None:
    """A reader sees where to save."""
    found = estimate(planned_stack("prod"))
    costs = {name: sum(each.rest_usd for each in charges) for name, charges in found.components.items()}
    largest = ", ".join(f"{name} {costs[name]:.2f}" for name in ("Database", "NodePools", "Network"))

    assert costs["Database"] > costs["NodePools"] > costs["Network"]
    assert over_budget(found, _settings(800)) == (
        f"the stack costs {found.rest:.2f} USD a month at rest, and budget.monthlyUsd is 800 (most of it: {largest}); "
        "reduce what it creates, or raise the budget"
    )


def test_nothing_exceeds_a_missing_budget() -> None:
    """It is the default."""
    assert over_budget(estimate(planned_stack("prod")), _settings(None)) is None
