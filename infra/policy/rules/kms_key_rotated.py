"""Rule: the material of a key is rotated, and its deletion can be cancelled for two weeks.

Anchors: AWS-0065, CKV_AWS_7, CIS-AWS 4.6, KMS.4.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, is_number, unset
from infra.resources.resource import Resource

SHORTEST_DAYS = 14
# AWS rotates only symmetric keys for encryption: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
ROTATED = (None, "SYMMETRIC_DEFAULT")


def check(key: Resource) -> Iterator[str]:
    """Yield symmetric keys without rotation, and keys with a short deletion window; the default of AWS is 30 days."""
    given = key.properties
    symmetric = given.get("customerMasterKeySpec") in ROTATED
    if symmetric and unset(given.get("customKeyStoreId")) and given.get("enableKeyRotation") not in (True, UNKNOWN):
        yield "enableKeyRotation is not true"
    days = given.get("deletionWindowInDays")
    if is_number(days) and days < SHORTEST_DAYS:
        yield f"deletionWindowInDays is {days:g}"


RULE = resource_rule(
    name="aws-kms-key-rotated",
    severity=Severity.MEDIUM,
    description="A key must be rotated every year, and not be deleted within two weeks.",
    remedy="set enableKeyRotation to true and deletionWindowInDays to 14 or more",
    types=["aws:kms/key:Key"],
    check=check,
)
