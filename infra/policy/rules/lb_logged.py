"""Rule: a load balancer writes access logs.

Anchors: CKV_AWS_91, CIS-AWS 4.10, ELB.5.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.aws_types import LOAD_BALANCERS
from infra.resources.properties import UNKNOWN, at, unset
from infra.resources.resource import Resource


def check(balancer: Resource) -> Iterator[str]:
    """Yield a finding for a load balancer without access logs; that of a gateway cannot write any."""
    if balancer.properties.get("loadBalancerType") in ("gateway", UNKNOWN):
        return
    if at(balancer.properties, "accessLogs.enabled") not in (True, UNKNOWN):
        yield "accessLogs.enabled is not true"
    elif unset(at(balancer.properties, "accessLogs.bucket")):
        yield "accessLogs.bucket is not set"


RULE = resource_rule(
    name="aws-lb-logged",
    severity=Severity.MEDIUM,
    description="A load balancer must write access logs.",
    remedy="set accessLogs.enabled to true and accessLogs.bucket",
    types=LOAD_BALANCERS,
    check=check,
)
