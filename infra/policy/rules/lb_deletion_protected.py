"""Rule: AWS refuses to delete a load balancer.

Anchors: CKV_AWS_150, ELB.6.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource


def check(balancer: Resource) -> Iterator[str]:
    """Yield a finding for a load balancer whose address a single request removes."""
    if balancer.properties.get("enableDeletionProtection") not in (True, UNKNOWN):
        yield "enableDeletionProtection is not true"


RULE = resource_rule(
    name="aws-lb-deletion-protected",
    severity=Severity.MEDIUM,
    description="A load balancer must be protected from deletion.",
    remedy="set enableDeletionProtection to true",
    types=["aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer"],
    check=check,
)
