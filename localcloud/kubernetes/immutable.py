"""The properties whose change makes the kubernetes provider replace an object.

The list is that of Pulumi's own provider. It has fewer properties than those that the API server treats as immutable.
For other properties, such as the `selector` of a ReplicaSet, the update is attempted and the API server rejects it.
https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go
"""

from typing import Any

Step = str | int
Path = tuple[Step, ...]

EACH = "[*]"
"""Matches any element of a list in a pattern."""


def _paths(text: str, *above: Step) -> tuple[Path, ...]:
    return tuple((*above, *line.split(".")) for line in text.split())


NAME = _paths("metadata.name metadata.namespace")
_SELECTOR = _paths("spec.selector")
_CONTAINER = """
    args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources securityContext stdin
    stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir
"""
_POD = """
    affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork hostPID
    hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName readinessGates
    restartPolicy runtimeClassName schedulerName securityContext serviceAccount serviceAccountName
    shareProcessNamespace subdomain terminationGracePeriodSeconds volumes
"""
_VOLUME_SOURCES = """
    awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs
    hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume
"""
DATA = {
    "ConfigMap": _paths("data binaryData"),
    "Secret": _paths("type data stringData"),
}
"""The data properties of ConfigMap and Secret; their change replaces the object unless its data is mutable."""
IMMUTABLE: dict[tuple[str, str], tuple[Path, ...]] = {
    ("apps/v1", "DaemonSet"): _SELECTOR,
    ("apps/v1", "Deployment"): _SELECTOR,
    ("apps/v1", "StatefulSet"): (
        *_SELECTOR,
        *_paths("spec.podManagementPolicy spec.revisionHistoryLimit spec.serviceName spec.volumeClaimTemplates"),
    ),
    ("batch/v1", "Job"): (*_SELECTOR, *_paths("spec.completions spec.parallelism spec.template")),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): _paths("roleRef"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): _paths("roleRef"),
    ("storage.k8s.io/v1", "StorageClass"): _paths("parameters provisioner"),
    ("v1", "PersistentVolume"): _paths(_VOLUME_SOURCES, "spec"),
    ("v1", "PersistentVolumeClaim"): (
        *_SELECTOR,
        *_paths("spec.accessModes spec.storageClassName spec.volumeName"),
    ),
    ("v1", "Pod"): (
        *_paths(_POD, "spec"),
        *_paths(_CONTAINER, "spec", "containers", EACH),
        *_paths(_CONTAINER, "spec", "initContainers", EACH),
    ),
    ("v1", "ResourceQuota"): _paths("spec.scopes"),
    ("v1", "Secret"): _paths("type"),
    ("v1", "Service"): _paths("spec.clusterIP"),
}


def is_within(pattern: Path, path: Path, value: Any) -> bool:
    """Return whether a change affects the property that a pattern names.

    Args:
        pattern: keys from the top level, with `EACH` for any element of a list.
        path: path of the change.
        value: the new value at that path; None if it was deleted.
    """
    common = min(len(pattern), len(path))
    if any(wanted not in (step, EACH) for wanted, step in zip(pattern, path, strict=False)):
        return False
    return _holds(value, pattern[common:])


def _holds(value: Any, pattern: Path) -> bool:
    if not pattern:
        return True
    step, rest = pattern[0], pattern[1:]
    if step == EACH:  # a list that is deleted or unknown may have contained the property
        return not isinstance(value, list) or any(_holds(item, rest) for item in value)
    return isinstance(value, dict) and step in value and _holds(value[step], rest)
