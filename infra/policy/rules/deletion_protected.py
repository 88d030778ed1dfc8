"""Rule: AWS refuses to delete clusters, databases and load balancers.

Anchors: AWS-0177, CKV_AWS_139, CKV_AWS_150, CKV_AWS_293, ELB.6, RDS.7, RDS.8, prowler eks_cluster_deletion_protection.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, unset
from infra.resources.resource import Resource

SWITCHES = {
    "aws:alb/loadBalancer:LoadBalancer": "enableDeletionProtection",
    "aws:eks/cluster:Cluster": "deletionProtection",
    "aws:lb/loadBalancer:LoadBalancer": "enableDeletionProtection",
    "aws:rds/cluster:Cluster": "deletionProtection",
    "aws:rds/instance:Instance": "deletionProtection",
}
"""Resource type -> the property that protects it."""


def check(resource: Resource) -> Iterator[str]:
    """Yield a finding for a resource that a single request deletes; a replica of a database has no data of its own."""
    switch = SWITCHES[resource.type]
    protected = resource.properties.get(switch) in (True, UNKNOWN)
    if not protected and unset(resource.properties.get("replicateSourceDb")):
        yield f"{switch} is not true"


RULE = resource_rule(
    name="aws-deletion-protected",
    severity=Severity.HIGH,
    description="A cluster, a database and a load balancer must be protected from deletion by AWS too.",
    remedy="set it to true",
    types=list(SWITCHES),
    check=check,
)
