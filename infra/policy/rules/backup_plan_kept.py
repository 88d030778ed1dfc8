"""Rule: a backup plan keeps backups for a week or longer, and not for ever.

Anchors: Well-Architected REL09-BP01.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import at, is_number, items
from infra.resources.resource import Resource

SHORTEST_DAYS = 7


def check(plan: Resource) -> Iterator[str]:
    """Yield rules that delete backups too early, or never."""
    for rule in items(plan.properties.get("rules")):
        days = at(rule, "lifecycle.deleteAfter")
        if days is None:
            yield f"{at(rule, 'ruleName')}: lifecycle.deleteAfter is not set, so backups are kept for ever"
        elif is_number(days) and days < SHORTEST_DAYS:
            yield f"{at(rule, 'ruleName')}: lifecycle.deleteAfter is {days:g}"


RULE = resource_rule(
    name="aws-backup-plan-kept",
    severity=Severity.MEDIUM,
    description="A backup plan must keep backups for at least 7 days, and then delete them.",
    remedy="set lifecycle.deleteAfter of each rule to 7 or more",
    types=["aws:backup/plan:Plan"],
    check=check,
)
