"""Rule: no pod has access to its node: not privileged, no host namespaces, no hostPath, no host port.

Anchors: KSV-0006, KSV-0008, KSV-0009, KSV-0010, KSV-0017, KSV-0023, CIS-EKS 4.2.1, 4.2.2, 4.2.3, 4.2.4.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import is_number, items, mapping
from infra.resources.resource import Resource
from infra.resources.workloads import WORKLOAD_TYPES, containers, label, pod_spec


def check(workload: Resource) -> Iterator[str]:
    """Yield settings that give a pod access to its node."""
    spec = pod_spec(workload)
    for namespace in ("hostPID", "hostIPC", "hostNetwork"):
        if spec.get(namespace) is True:
            yield f"{namespace} is true"
    for volume in (mapping(each) for each in items(spec.get("volumes"))):
        if volume.get("hostPath") is not None:
            yield f"volume {volume.get('name', '?')} is hostPath {mapping(volume['hostPath']).get('path')}"
    for container in containers(spec):
        if mapping(container.get("securityContext")).get("privileged") is True:
            yield f"{label(container)} is privileged"
        for port in (mapping(each).get("hostPort") for each in items(container.get("ports"))):
            if is_number(port) and port:
                yield f"{label(container)} takes the node's port {port:g}"


RULE = resource_rule(
    name="kubernetes-pod-no-host-access",
    severity=Severity.CRITICAL,
    description="A pod must not have access to the node that it runs on.",
    remedy="remove privileged, host namespaces, hostPath volumes and host ports; services do not need them",
    types=WORKLOAD_TYPES,
    check=check,
)
