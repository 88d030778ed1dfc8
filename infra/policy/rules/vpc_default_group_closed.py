"""Rule: the default security group of a VPC lets nothing pass.

Anchors: AWS-0173, CKV2_AWS_12, CIS-AWS 6.5, EC2.2.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from infra.policy.references import refers_to
from infra.policy.rule import stack_rule
from infra.resources.properties import items
from infra.resources.resource import Resource

VPC = "aws:ec2/vpc:Vpc"
GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield VPCs whose default group is not managed, and groups with rules; AWS lets everything pass by default."""
    groups = [each for each in resources if each.type == GROUP]
    for vpc in resources:
        if vpc.type == VPC and not any(refers_to(each, "vpcId", vpc) for each in groups):
            yield vpc, "no DefaultSecurityGroup of this stack is for this VPC, so the default group is open"
    for group in groups:
        open_ = [key for key in ("ingress", "egress") if items(group.properties.get(key))]
        if open_:
            yield group, f"{' and '.join(open_)} not empty"


RULE = stack_rule(
    name="aws-vpc-default-group-closed",
    severity=Severity.MEDIUM,
    description="The default security group of every VPC must be empty.",
    remedy="add an aws.ec2.DefaultSecurityGroup for the VPC with empty ingress and egress",
    check=check,
)
