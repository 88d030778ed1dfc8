"""Rule: the control plane of a cluster writes all five types of logs.

Anchors: AWS-0038, CKV_AWS_37, EKS.8, CIS-EKS 2.1.1, CIS-EKS 2.1.2.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, items
from infra.resources.resource import Resource

TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")


def check(cluster: Resource) -> Iterator[str]:
    """Yield the types of logs that are not written; AWS writes none by default."""
    enabled = cluster.properties.get("enabledClusterLogTypes")
    if enabled is UNKNOWN or UNKNOWN in items(enabled):
        return
    missing = [each for each in TYPES if each not in items(enabled)]
    if missing:
        yield f"enabledClusterLogTypes does not hold {', '.join(missing)}"


RULE = resource_rule(
    name="aws-eks-control-plane-logs",
    severity=Severity.MEDIUM,
    description="All log types of the control plane must be enabled.",
    remedy="set enabledClusterLogTypes to api, audit, authenticator, controllerManager and scheduler",
    types=["aws:eks/cluster:Cluster"],
    check=check,
)
