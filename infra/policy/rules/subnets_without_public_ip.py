"""Rule: a subnet assigns no public addresses by itself.

Anchors: AWS-0164, CKV_AWS_130, EC2.15.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.resource import Resource


def check(subnet: Resource) -> Iterator[str]:
    """Yield a finding for a subnet that assigns public addresses."""
    if subnet.properties.get("mapPublicIpOnLaunch") is True:
        yield "mapPublicIpOnLaunch is true"


RULE = resource_rule(
    name="aws-subnets-without-public-ip",
    severity=Severity.MEDIUM,
    description="A subnet must not assign public addresses to instances at launch.",
    remedy="leave mapPublicIpOnLaunch out; load balancers and NAT gateways have their own addresses",
    types=["aws:ec2/subnet:Subnet"],
    check=check,
)
