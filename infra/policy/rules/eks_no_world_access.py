"""Rule: the public endpoint of the Kubernetes API allows only a few specific addresses.

Anchors: AWS-0041, CKV_AWS_38, CIS-EKS 5.4.1.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.cidrs import is_wider_than_a_site
from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, items, mapping, unset
from infra.resources.resource import Resource


def check(cluster: Resource) -> Iterator[str]:
    """Yield allowed ranges that are wider than one site, including the default range of AWS."""
    access = cluster.properties.get("vpcConfig")
    if access is UNKNOWN or mapping(access).get("endpointPublicAccess", True) in (False, UNKNOWN):
        return
    cidrs = mapping(access).get("publicAccessCidrs")
    if unset(cidrs):
        yield "vpcConfig.publicAccessCidrs is not set, for which AWS takes 0.0.0.0/0"
    for cidr in items(cidrs):
        if is_wider_than_a_site(cidr):
            yield f"vpcConfig.publicAccessCidrs holds {cidr}"


RULE = resource_rule(
    name="aws-eks-no-world-access",
    severity=Severity.CRITICAL,
    description="The Kubernetes API must only be reachable from listed internet addresses, /24 or smaller.",
    remedy="set vpcConfig.endpointPublicAccess to false, or list the addresses that need it",
    types=["aws:eks/cluster:Cluster"],
    check=check,
)
