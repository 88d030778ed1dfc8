"""A change that makes a stack much more expensive, or that exceeds its budget."""

from infra.costs.change import CostChange
from infra.review.hazard import Hazard, HazardKind
from infra.review.plan import Plan
from stacks.names import PROJECT

MIN_SHARE = 0.2
MIN_USD = 50
"""An increase is a hazard only if it exceeds both: 20 % of a small stack or 50 USD of a large one are not."""


def with_cost_jump(plan: Plan, stack: str, budget: float | None) -> Plan:
    """Return the plan of a stack with the hazard of its cost, if it has one.

    Args:
        plan: the plan.
        stack: name of the stack, whose URN the hazard has.
        budget: `budget.monthlyUsd` of its settings.
    """
    what = _cost_jump(plan.cost, budget) if plan.cost else ""
    urn = f"urn:pulumi:{stack}::{PROJECT}::pulumi:pulumi:Stack::{PROJECT}-{stack}"
    return plan.with_hazards(Hazard(kind=HazardKind.COST_JUMP, urn=urn, what=what)) if what else plan


def _cost_jump(cost: CostChange, budget: float | None) -> str:
    """Return why the cost at rest is a hazard; "" if it is none.

    A first deployment has no previous cost. If an item has a price on one side only, the two costs are not compared,
    but the new one is compared with the budget.
    """
    before, after = cost.before.rest, cost.after.rest
    if not before or after <= before:
        return ""
    rises = f"its cost at rest rises from {before:.2f} to {after:.2f} USD a month"
    if budget is not None and after > budget:
        return f"{rises}, and budget.monthlyUsd is {budget:g}"
    jumps = cost.comparable and after - before > MIN_USD and after - before > MIN_SHARE * before
    return rises if jumps else ""
