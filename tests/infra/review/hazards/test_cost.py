"""Changes that make a stack more expensive."""

from dataclasses import replace

import pytest

from infra.costs.change import CostChange, CostRange
from infra.review import plan_from_events
from infra.review.hazards.cost import with_cost_jump

URN = "urn:pulumi:prod::drydock::pulumi:pulumi:Stack::drydock-prod"
PLAN = plan_from_events([])


@pytest.mark.parametrize(
    ("before", "after", "budget", "expected"),
    [
        (100, 200, None, "its cost at rest rises from 100.00 to 200.00 USD a month"),
        (200, 100, None, None),
        (100, 100, 50, None),
        (0, 500, 50, None),
        (100, 150, None, None),
        (100, 150.01, None, "its cost at rest rises from 100.00 to 150.01 USD a month"),
        (1000, 1200, None, None),
        (1000, 1200.01, None, "its cost at rest rises from 1000.00 to 1200.01 USD a month"),
        (100, 101, 100.5, "its cost at rest rises from 100.00 to 101.00 USD a month, and budget.monthlyUsd is 100.5"),
        (100, 101, 101, None),
        (200, 150, 100, None),
        (100, 200, 300, "its cost at rest rises from 100.00 to 200.00 USD a month"),
    ],
)
def test_a_rise_of_the_cost_at_rest_is_a_hazard(
    before: float, after: float, budget: float | None, expected: str | None
) -> None:
    """By more than 20 % and 50 USD, or above the budget."""
    cost = CostChange(before=CostRange(rest=before), after=CostRange(rest=after, most=9999), components={})

    found = with_cost_jump(replace(PLAN, cost=cost), "prod", budget).hazards

    assert [(str(each.kind), each.urn, each.what) for each in found] == (
        [("cost-jump", URN, expected)] if expected else []
    )


@pytest.mark.parametrize("side", ["not_priced_before", "not_priced_after"])
def test_what_has_a_price_on_one_side_only_is_no_jump(side: str) -> None:
    """It is part of what exceeds the budget."""
    cost = CostChange(before=CostRange(rest=100), after=CostRange(rest=500), components={}, **{side: ("x (y)",)})
    plan = replace(PLAN, cost=cost)

    assert with_cost_jump(plan, "prod", None).hazards == ()
    assert [str(each.kind) for each in with_cost_jump(plan, "prod", 400).hazards] == ["cost-jump"]


def test_a_plan_without_a_cost_has_no_jump() -> None:
    """There was nothing to compare with, or the preview failed."""
    assert with_cost_jump(PLAN, "prod", 1).hazards == ()
