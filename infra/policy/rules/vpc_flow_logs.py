"""Rule: the traffic of a VPC is logged.

Anchors: AWS-0178, CKV2_AWS_11, CIS-AWS 4.7, EC2.6.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from infra.policy.references import refers_to
from infra.policy.rule import stack_rule
from infra.resources.resource import Resource

VPC = "aws:ec2/vpc:Vpc"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield VPCs without a flow log of rejected traffic."""
    logs = [each for each in resources if each.type == FLOW_LOG and each.properties.get("trafficType") != "ACCEPT"]
    for vpc in resources:
        if vpc.type == VPC and not any(refers_to(each, "vpcId", vpc) for each in logs):
            yield vpc, "no FlowLog of this stack is for this VPC"


RULE = stack_rule(
    name="aws-vpc-flow-logs",
    severity=Severity.MEDIUM,
    description="The traffic of every VPC must be logged.",
    remedy="add an aws.ec2.FlowLog for the VPC with trafficType ALL or REJECT",
    check=check,
)
