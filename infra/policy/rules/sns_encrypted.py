"""Rule: the messages of a topic are encrypted.

Anchors: AWS-0095, CKV_AWS_26, SNS.1.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import unset
from infra.resources.resource import Resource


def check(topic: Resource) -> Iterator[str]:
    """Yield topics whose messages are not encrypted."""
    if unset(topic.properties.get("kmsMasterKeyId")):
        yield "kmsMasterKeyId is not set"


RULE = resource_rule(
    name="aws-sns-encrypted",
    severity=Severity.MEDIUM,
    description="Messages of a topic must be encrypted.",
    remedy="set kmsMasterKeyId",
    types=["aws:sns/topic:Topic"],
    check=check,
)
