"""Rule: the Kubernetes API is reachable from inside the VPC only.

Anchors: AWS-0040, CKV_AWS_39, EKS.1, CIS-EKS 5.4.2.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, mapping
from infra.resources.resource import Resource


def check(cluster: Resource) -> Iterator[str]:
    """Yield a finding if the public endpoint is enabled or the private one disabled, which are the AWS defaults."""
    access = cluster.properties.get("vpcConfig")
    if access is UNKNOWN:
        return
    if mapping(access).get("endpointPublicAccess", True) is True:
        yield "vpcConfig.endpointPublicAccess is on"
    if mapping(access).get("endpointPrivateAccess", False) is False:
        yield "vpcConfig.endpointPrivateAccess is off"


RULE = resource_rule(
    name="aws-eks-private-endpoint",
    severity=Severity.HIGH,
    description="The Kubernetes API must only be reachable from inside the VPC.",
    remedy="remove cluster.publicAccessCidrs and allow a runner, VPN or peer with cluster.privateAccessCidrs, "
    "or add an exemption with an owner, a reason and a last day (docs/policy.md)",
    types=["aws:eks/cluster:Cluster"],
    check=check,
)
