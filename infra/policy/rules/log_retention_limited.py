"""Rule: logs are kept for 30 days or longer, and not for ever.

Anchors: CKV_AWS_66, CloudWatch.16.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, is_number
from infra.resources.resource import Resource

SHORTEST_DAYS = 30


def check(group: Resource) -> Iterator[str]:
    """Yield a finding for logs that are kept for ever, which is AWS's default, or for less than 30 days."""
    days = group.properties.get("retentionInDays")
    if group.properties.get("logGroupClass") in ("DELIVERY", UNKNOWN):
        return  # AWS keeps these for two days
    if days in (None, 0):
        yield "retentionInDays is not set, so logs are kept for ever"
    elif is_number(days) and days < SHORTEST_DAYS:
        yield f"retentionInDays is {days:g}"


RULE = resource_rule(
    name="aws-log-retention-limited",
    severity=Severity.LOW,
    description="Logs must be kept for at least 30 days, and then be deleted.",
    remedy="set retentionInDays to 30 or more; a year in production",
    types=["aws:cloudwatch/logGroup:LogGroup"],
    check=check,
)
