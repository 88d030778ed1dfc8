"""The plan for a program, such as a gate or a chat message."""

from dataclasses import asdict
from typing import Any

from infra.review.plan import Plan


def to_json(plan: Plan, *, graph: bool = False) -> dict[str, Any]:
    """Return a plan as JSON; all values are redacted.

    Args:
        plan: the plan.
        graph: whether to add all resources, including those that do not change.

    `cost` is in USD a month, before and after, at rest and at most; each component has both, in this order.
    `compared` is False if there was nothing to compare with: then the changes are all that there is.
    """
    return {
        "counts": dict(sorted(plan.counts.items())),
        "unchanged": plan.unchanged,
        "changes": [asdict(change) for change in plan.changes],
        "hazards": [asdict(hazard) for hazard in plan.hazards],
        "judged": plan.judged,
        "policy": [asdict(finding) for finding in plan.findings],
        "errors": list(plan.errors),
        "compared": plan.compared,
        "base": plan.base,
        "notes": list(plan.notes),
        "cost": asdict(plan.cost) if plan.cost else None,
        **({"nodes": [asdict(node) for node in plan.nodes]} if graph else {}),
    }
