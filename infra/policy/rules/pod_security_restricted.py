"""Rule: every pod meets the `restricted` Pod Security Standard, so that the cluster does not reject it later.

Anchors: Kubernetes Pod Security Standards (restricted), KSV-0012, KSV-0001, KSV-0003, KSV-0030, CIS-EKS 4.2.5.
"""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from infra.policy.pod_controls import PROFILES, forbidden
from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, at, items, mapping
from infra.resources.resource import Properties, Resource
from infra.resources.workloads import WORKLOAD_TYPES, containers, label, pod_annotations, pod_spec

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


def check(workload: Resource) -> Iterator[str]:
    """Yield what the API server refuses in a namespace that enforces the standard, except access to the node."""
    spec = pod_spec(workload)
    pod = spec.get("securityContext")
    # A pod with its own user namespace may run as root of that namespace: relaxPolicyForUserNamespacePod, 1.35.
    root = spec.get("hostUsers") in (False, UNKNOWN)
    windows = at(spec, "os.name") in ("windows", UNKNOWN)
    yield from (f"pod: {finding}" for finding in _explicit(mapping(pod), root=root))
    for container in containers(spec):
        own = container.get("securityContext")
        if own is not UNKNOWN:
            shortfalls = _shortfalls(mapping(own), pod, root=root, windows=windows)
            yield from (f"{label(container)}: {finding}" for finding in shortfalls)
    for volume in (mapping(each) for each in items(spec.get("volumes"))):
        kinds = {key for key, value in volume.items() if value is not None} - {"name"} - VOLUME_TYPES
        if kinds:
            yield f"volume {volume.get('name', '?')} is of type {', '.join(sorted(kinds))}"
    yield from forbidden(spec, pod_annotations(workload))


def _explicit(pod: Properties, *, root: bool) -> Iterator[str]:
    """Yield settings of a pod that are refused even if every container has its own."""
    if not root and pod.get("runAsNonRoot") is False:
        yield "runAsNonRoot is false"
    if not root and pod.get("runAsUser") == 0:
        yield "runAsUser is 0, which is root"
    profile = mapping(pod.get("seccompProfile")).get("type")
    if profile not in (None, *PROFILES, UNKNOWN):
        yield f"seccompProfile.type is not {' or '.join(PROFILES)}"


def _shortfalls(own: Properties, pod: Any, *, root: bool, windows: bool) -> Iterator[str]:
    if not root and _missing("runAsNonRoot", own, pod):
        yield "runAsNonRoot is not true"
    if not root and own.get("runAsUser") == 0:
        yield "runAsUser is 0, which is root"
    if windows:  # the following settings do not exist there
        return
    if own.get("allowPrivilegeEscalation") not in (False, UNKNOWN):
        yield "allowPrivilegeEscalation is not false"
    profile = own.get("seccompProfile")
    known = profile is not None and profile is not UNKNOWN
    if _missing("seccompProfile", own, pod) or (known and mapping(profile).get("type") not in (*PROFILES, UNKNOWN)):
        yield f"seccompProfile.type is not {' or '.join(PROFILES)}"
    yield from _capabilities(own.get("capabilities"))


def _capabilities(capabilities: Any) -> Iterator[str]:
    if capabilities is UNKNOWN:
        return
    dropped = mapping(capabilities).get("drop")
    if dropped is not UNKNOWN and not any(each in ("ALL", UNKNOWN) for each in items(dropped)):
        yield "capabilities.drop does not hold ALL"
    added = [each for each in items(mapping(capabilities).get("add")) if each not in ("NET_BIND_SERVICE", UNKNOWN)]
    if added:
        yield f"capabilities.add holds {', '.join(map(str, added))}"


def _missing(key: str, own: Properties, pod: Any) -> bool:
    """Return whether neither a container nor its pod has a setting, or the container has it off."""
    if own.get(key) is not None:
        return own[key] is False
    return pod is not UNKNOWN and mapping(pod).get(key) is None


RULE = resource_rule(
    name="kubernetes-pod-security-restricted",
    severity=Severity.HIGH,
    description="Every pod must meet the restricted Pod Security Standard.",
    remedy="set runAsNonRoot, allowPrivilegeEscalation: false, capabilities.drop: [ALL] and "
    "seccompProfile.type: RuntimeDefault, and mount only volumes that the standard allows",
    types=WORKLOAD_TYPES,
    check=check,
)
