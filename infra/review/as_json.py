"""The plan for a program, such as a gate or a chat message."""

from dataclasses import asdict
from typing import Any

from infra.review.plan import Plan


def to_json(plan: Plan) -> dict[str, Any]:
    """`{counts, unchanged, changes, judged, policy, errors}`; all values are redacted, and JSON as they are."""
    return {
        "counts": dict(sorted(plan.counts.items())),
        "unchanged": plan.unchanged,
        "changes": [asdict(change) for change in plan.changes],
        "judged": plan.judged,
        "policy": [asdict(finding) for finding in plan.findings],
        "errors": list(plan.errors),
    }
