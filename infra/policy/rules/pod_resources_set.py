"""Rule: containers request CPU and memory, and have a limit of memory.

Anchors: KSV-0011, KSV-0015, KSV-0016, KSV-0018, CKV_K8S_10, CKV_K8S_12, CKV_K8S_13.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import at, items
from infra.resources.resource import Resource
from infra.resources.workloads import WORKLOAD_TYPES, containers, label, pod_spec

NEEDED = ("requests.cpu", "requests.memory", "limits.memory")


def check(workload: Resource) -> Iterator[str]:
    """Yield containers that the scheduler cannot place well, or that can take the memory of others.

    Resources of the whole pod count too, and a limit is also a request if there is none.
    """
    spec = pod_spec(workload)
    for container in containers(spec):
        missing = [
            path
            for path in NEEDED
            if not any(
                at(owner, f"resources.{each}") is not None
                for owner in (container, spec)
                for each in (path, path.replace("requests", "limits"))
            )
        ]
        if missing and container not in items(spec.get("ephemeralContainers")):
            yield f"{label(container)}: resources has no {', '.join(missing)}"


RULE = resource_rule(
    name="kubernetes-pod-resources-set",
    severity=Severity.MEDIUM,
    description="Every container must request CPU and memory, and have a limit of memory.",
    remedy="set resources.requests.cpu, resources.requests.memory and resources.limits.memory",
    types=WORKLOAD_TYPES,
    check=check,
)
