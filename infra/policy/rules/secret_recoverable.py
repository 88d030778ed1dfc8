"""Rule: a secret is encrypted with a customer managed key, and its deletion can be cancelled.

Anchors: AWS-0098, CKV_AWS_149.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import is_number, unset
from infra.resources.resource import Resource

SHORTEST_DAYS = 7


def check(secret: Resource) -> Iterator[str]:
    """Yield secrets that are deleted at once, or that a key of AWS encrypts; AWS waits for 30 days."""
    if unset(secret.properties.get("kmsKeyId")):
        yield "kmsKeyId is not set"
    days = secret.properties.get("recoveryWindowInDays")
    if is_number(days) and days < SHORTEST_DAYS:
        yield f"recoveryWindowInDays is {days:g}"


RULE = resource_rule(
    name="aws-secret-recoverable",
    severity=Severity.MEDIUM,
    description="A secret must have a customer managed key, and be recoverable for a week.",
    remedy="set kmsKeyId, and recoveryWindowInDays to 7 or more",
    types=["aws:secretsmanager/secret:Secret"],
    check=check,
)
