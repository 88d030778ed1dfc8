"""Which properties the kubernetes provider replaces an object for.

They are those of Pulumi's own provider, which knows fewer than the API server refuses to change: for another one, such
as the `selector` of a ReplicaSet, the update is tried and the API server's refusal is the answer.
https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go
"""

from typing import Any

Step = str | int
Path = tuple[Step, ...]

EACH = "[*]"
"""In a pattern: any element of a list."""


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
"""Of a kind that holds data, where the data may not change in place."""
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
    """Return whether a change touches what a pattern names.

    Args:
        pattern: keys from the top, with `EACH` for any element of a list.
        path: where the change is.
        value: what is there now; None where it was deleted.
    """
    common = min(len(pattern), len(path))
    if any(wanted not in (step, EACH) for wanted, step in zip(pattern, path, strict=False)):
        return False
    return _holds(value, pattern[common:])


def _holds(value: Any, pattern: Path) -> bool:
    if not pattern:
        return True
    step, rest = pattern[0], pattern[1:]
    if step == EACH:  # a list that is deleted or unknown may have held it
        return not isinstance(value, list) or any(_holds(item, rest) for item in value)
    return isinstance(value, dict) and step in value and _holds(value[step], rest)
