"""Rule: the secrets of Kubernetes are encrypted with a customer managed key.

Anchors: AWS-0039, CKV_AWS_58, CIS-EKS 5.3.1, EKS.3.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, at, items, unset
from infra.resources.resource import Resource


def check(cluster: Resource) -> Iterator[str]:
    """Yield a finding for secrets that only a key of AWS encrypts, which nobody can revoke."""
    if unset(at(cluster.properties, "encryptionConfig.provider.keyArn")):
        yield "encryptionConfig.provider.keyArn is not set"
        return
    resources = at(cluster.properties, "encryptionConfig.resources")
    if resources is not UNKNOWN and not any(each in ("secrets", UNKNOWN) for each in items(resources)):
        yield "encryptionConfig.resources does not hold secrets"


RULE = resource_rule(
    name="aws-eks-secrets-encrypted",
    severity=Severity.HIGH,
    description="Kubernetes secrets must be encrypted with a customer managed key.",
    remedy="set encryptionConfig with resources [secrets] and provider.keyArn",
    types=["aws:eks/cluster:Cluster"],
    check=check,
)
