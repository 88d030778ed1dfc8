"""Rule: AWS refuses to delete a cluster.

Anchors: prowler eks_cluster_deletion_protection_enabled.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource


def check(cluster: Resource) -> Iterator[str]:
    """Yield a finding for a cluster that a single request deletes."""
    if cluster.properties.get("deletionProtection") not in (True, UNKNOWN):
        yield "deletionProtection is not true"


RULE = resource_rule(
    name="aws-eks-deletion-protected",
    severity=Severity.HIGH,
    description="A cluster must be protected from deletion by AWS too.",
    remedy="set deletionProtection to true",
    types=["aws:eks/cluster:Cluster"],
    check=check,
)
