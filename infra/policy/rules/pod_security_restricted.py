"""Rule: every pod meets the `restricted` Pod Security Standard, so that the cluster does not reject it later.

Anchors: Kubernetes Pod Security Standards (restricted), KSV-0012, KSV-0001, KSV-0003, KSV-0030, CIS-EKS 4.2.5.
"""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, items, mapping
from infra.resources.resource import Properties, Resource
from infra.resources.workloads import WORKLOAD_TYPES, containers, label, pod_spec

VOLUME_TYPES = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)
PROFILES = ("RuntimeDefault", "Localhost")


def check(workload: Resource) -> Iterator[str]:
    """Yield violations of the six controls of the standard."""
    spec = pod_spec(workload)
    pod = spec.get("securityContext")
    for container in containers(spec):
        own = container.get("securityContext")
        if own is not UNKNOWN:
            yield from (f"{label(container)}: {finding}" for finding in _shortfalls(mapping(own), pod))
    for volume in items(spec.get("volumes")):
        kinds = set(mapping(volume)) - {"name"} - VOLUME_TYPES
        if kinds:
            yield f"volume {volume.get('name', '?')} is of type {', '.join(sorted(kinds))}"


def _shortfalls(own: Properties, pod: Any) -> Iterator[str]:
    if _effective("runAsNonRoot", own, pod) not in (True, UNKNOWN):
        yield "runAsNonRoot is not true"
    if _effective("runAsUser", own, pod) == 0:
        yield "runAsUser is 0, which is root"
    if own.get("allowPrivilegeEscalation") not in (False, UNKNOWN):
        yield "allowPrivilegeEscalation is not false"
    profile = _effective("seccompProfile", own, pod)
    if profile is not UNKNOWN and mapping(profile).get("type") not in (*PROFILES, UNKNOWN):
        yield f"seccompProfile.type is not {' or '.join(PROFILES)}"
    capabilities = own.get("capabilities")
    if capabilities is UNKNOWN:
        return
    dropped = mapping(capabilities).get("drop")
    if dropped is not UNKNOWN and not any(each in ("ALL", UNKNOWN) for each in items(dropped)):
        yield "capabilities.drop does not hold ALL"
    added = [each for each in items(mapping(capabilities).get("add")) if each not in ("NET_BIND_SERVICE", UNKNOWN)]
    if added:
        yield f"capabilities.add holds {', '.join(added)}"


def _effective(key: str, own: Properties, pod: Any) -> Any:
    """Return the setting of a container, or else that of its pod."""
    if own.get(key) is not None:
        return own[key]
    return UNKNOWN if pod is UNKNOWN else mapping(pod).get(key)


RULE = resource_rule(
    name="kubernetes-pod-security-restricted",
    severity=Severity.HIGH,
    description="Every pod must meet the restricted Pod Security Standard.",
    remedy="set runAsNonRoot, allowPrivilegeEscalation: false, capabilities.drop: [ALL] and "
    "seccompProfile.type: RuntimeDefault, and mount only volumes that the standard allows",
    types=WORKLOAD_TYPES,
    check=check,
)
