"""The Kubernetes API answers no address of the whole internet.

Anchors: AWS-0041, CKV_AWS_38.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.cidrs import is_world
from infra.policy.properties import UNKNOWN, items, mapping, unset
from infra.policy.rule import Resource, resource_rule


def check(cluster: Resource) -> Iterator[str]:
    """Find world-wide ranges, also the one that AWS puts where none is given."""
    access = cluster.properties.get("vpcConfig")
    if access is UNKNOWN or mapping(access).get("endpointPublicAccess", True) in (False, UNKNOWN):
        return
    cidrs = mapping(access).get("publicAccessCidrs")
    if unset(cidrs):
        yield "vpcConfig.publicAccessCidrs is not set, for which AWS takes 0.0.0.0/0"
    for cidr in items(cidrs):
        if is_world(cidr):
            yield f"vpcConfig.publicAccessCidrs holds {cidr}"


RULE = resource_rule(
    name="aws-eks-no-world-access",
    severity=Severity.CRITICAL,
    description="The Kubernetes API must not answer the whole internet.",
    remedy="set vpcConfig.endpointPublicAccess to false, or list the few networks that need it",
    types=["aws:eks/cluster:Cluster"],
    check=check,
)
