"""Rule: every namespace enforces the `restricted` Pod Security level, and no workload is in `default`.

Anchors: CIS-EKS 4.5.2, CKV_K8S_21.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, mapping
from infra.resources.resource import Resource
from infra.resources.workloads import WORKLOAD_TYPES

NAMESPACE = "kubernetes:core/v1:Namespace"
LABEL = "pod-security.kubernetes.io/enforce"


def check(resource: Resource) -> Iterator[str]:
    """Yield a finding for a namespace without the level `restricted`, and for a workload in `default`."""
    metadata = resource.properties.get("metadata")
    if metadata is UNKNOWN:
        return
    if resource.type == NAMESPACE:
        labels = mapping(metadata).get("labels")
        level = mapping(labels).get(LABEL)
        if labels is not UNKNOWN and level not in ("restricted", UNKNOWN):
            yield f"label {LABEL} is {level or 'not set'}"
    elif mapping(metadata).get("namespace") in (None, "", "default"):
        yield "runs in the namespace default, which enforces nothing"


RULE = resource_rule(
    name="kubernetes-namespace-restricted",
    severity=Severity.HIGH,
    description="Every namespace must enforce the restricted Pod Security level, and `default` must be empty.",
    remedy=f"label the namespace {LABEL}: restricted, and give every workload a namespace of its own",
    types=[NAMESPACE, *WORKLOAD_TYPES],
    check=check,
)
