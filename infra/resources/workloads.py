"""Kubernetes workloads: the pod in each kind, and the containers in a pod."""

from collections.abc import Iterator
from typing import Any

from infra.resources.properties import items, mapping
from infra.resources.resource import Properties, Resource

_TEMPLATE = ("spec", "template", "spec")
_POD_PATHS = {
    "Pod": ("spec",),
    "PodTemplate": ("template", "spec"),
    "Deployment": _TEMPLATE,
    "StatefulSet": _TEMPLATE,
    "DaemonSet": _TEMPLATE,
    "ReplicaSet": _TEMPLATE,
    "ReplicationController": _TEMPLATE,
    "Job": _TEMPLATE,
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
WORKLOAD_TYPES = tuple(
    f"kubernetes:{group}:{kind}"
    for group, kinds in {
        "core/v1": ("Pod", "PodTemplate", "ReplicationController"),
        "apps/v1": ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"),
        "batch/v1": ("Job", "CronJob"),
    }.items()
    for kind in kinds
)


def pod_spec(resource: Resource) -> Properties:
    """Return the pod's spec in a workload of any kind; empty where it is unknown."""
    value: Any = resource.properties
    for key in _POD_PATHS[resource.type.rpartition(":")[2]]:
        value = mapping(value).get(key)
    return mapping(value)


def pod_annotations(resource: Resource) -> Properties:
    """Return the annotations of the pod in a workload of any kind; empty where they are unknown."""
    value: Any = resource.properties
    for key in (*_POD_PATHS[resource.type.rpartition(":")[2]][:-1], "metadata", "annotations"):
        value = mapping(value).get(key)
    return mapping(value)


def containers(spec: Properties) -> Iterator[Properties]:
    """Yield all known containers of a pod, those that initialise it or are attached to it too."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        yield from (each for each in items(spec.get(kind)) if isinstance(each, dict))


def label(container: Properties) -> str:
    """Return the container as a reader knows it."""
    return f"container {container.get('name', '?')}"
