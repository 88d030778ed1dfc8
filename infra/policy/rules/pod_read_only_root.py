"""Rule: containers cannot write to their root filesystem.

Anchors: KSV-0014, CKV_K8S_22, kube-linter no-read-only-root-fs, NSA immutable container filesystems.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, at
from infra.resources.resource import Resource
from infra.resources.workloads import WORKLOAD_TYPES, containers, label, pod_spec


def check(workload: Resource) -> Iterator[str]:
    """Yield containers that can replace their own program."""
    for container in containers(pod_spec(workload)):
        if at(container, "securityContext.readOnlyRootFilesystem") not in (True, UNKNOWN):
            yield f"{label(container)}: readOnlyRootFilesystem is not true"


RULE = resource_rule(
    name="kubernetes-pod-read-only-root",
    severity=Severity.HIGH,
    description="The root filesystem of every container must be read-only.",
    remedy="set securityContext.readOnlyRootFilesystem to true, and mount an emptyDir where it writes",
    types=WORKLOAD_TYPES,
    check=check,
)
