"""Rule: a table can be restored to any second of the last days.

Anchors: AWS-0024, CKV_AWS_28, DynamoDB.2.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, at
from infra.resources.resource import Resource


def check(table: Resource) -> Iterator[str]:
    """Yield tables that cannot be restored."""
    if at(table.properties, "pointInTimeRecovery.enabled") not in (True, UNKNOWN):
        yield "pointInTimeRecovery.enabled is not true"


RULE = resource_rule(
    name="aws-dynamodb-recoverable",
    severity=Severity.MEDIUM,
    description="A table must have point-in-time recovery.",
    remedy="set pointInTimeRecovery.enabled to true",
    types=["aws:dynamodb/table:Table"],
    check=check,
)
