"""Kinds of pods and their namespaces, as selected by NetworkPolicies and Services.

https://kubernetes.io/docs/concepts/services-networking/network-policies/: a pod that no policy selects for a direction
is unrestricted in that direction. For a selected pod, only traffic that at least one of these policies allows is
permitted. Return traffic and traffic from the pod's own node are always allowed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.reach.graph import Graph
from infra.reach.values import number, text
from infra.resources.properties import UNKNOWN, items, mapping
from infra.resources.resource import Resource
from infra.resources.workloads import WORKLOAD_TYPES, containers, pod_spec

NAMESPACE = "kubernetes:core/v1:Namespace"
COMPONENT = "app.kubernetes.io/component"
NAMESPACE_NAME = "kubernetes.io/metadata.name"  # a label that Kubernetes sets on each namespace


@dataclass(frozen=True, kw_only=True)
class Namespace:
    """A namespace, which may be a resource of the plan or only known by name."""

    key: str
    """URN of the resource, or the name; empty if it is unknown."""
    labels: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pod:
    """All pods of one workload."""

    name: str
    """The name of the place, such as `pods/server`."""
    resource: Resource | None
    """The workload; None for pods of workloads that are not in the plan."""
    namespace: Namespace
    labels: Any
    """The labels of the pods as a mapping, or UNKNOWN."""
    ports: Mapping[str, int]
    """Name of a container port, or its number as a string if it is unnamed -> number."""
    ports_known: bool = True
    """Whether `ports` is known to be complete."""
    on_host_network: bool = False


class Namespaces:
    """The namespaces of a plan, with lookup of the namespace of an object."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._by_name: dict[str, Resource] = {}
        for each in graph.all(NAMESPACE):
            if name := text(mapping(each.properties.get("metadata")).get("name")):
                self._by_name[name] = each

    def of(self, resource: Resource) -> Namespace:
        """Return the namespace of an object; `default` if none is set."""
        metadata = resource.properties.get("metadata")
        name = mapping(metadata).get("namespace")
        if metadata is UNKNOWN or name is UNKNOWN:
            found = self._graph.depends(resource, "metadata", NAMESPACE)
            return _namespace(found[0]) if len(found) == 1 else Namespace(key="", labels={})
        known = self._by_name.get(text(name) or "default")
        return _namespace(known) if known else Namespace(key=text(name) or "default", labels={NAMESPACE_NAME: name})


def _namespace(resource: Resource) -> Namespace:
    metadata = mapping(resource.properties.get("metadata"))
    return Namespace(
        key=resource.urn, labels={**mapping(metadata.get("labels")), NAMESPACE_NAME: metadata.get("name", UNKNOWN)}
    )


def pods_of(graph: Graph, namespaces: Namespaces) -> list[Pod]:
    """Return the kinds of pods that the workloads of the plan create."""
    found = [
        _pod(each, namespaces)
        for each in graph.all(*WORKLOAD_TYPES)
        # A PodTemplate does not create pods by itself.
        if not each.type.endswith(":PodTemplate")
    ]
    return [_unique(pod, found) for pod in found]


def _pod(resource: Resource, namespaces: Namespaces) -> Pod:
    labels = _labels(resource)
    spec = pod_spec(resource)
    ports, known = {}, bool(spec)
    for container in containers(spec):
        declared = container.get("ports")
        for entry in [UNKNOWN] if declared is UNKNOWN else items(declared):
            port, name = number(mapping(entry).get("containerPort")), mapping(entry).get("name")
            known = known and port is not None and name is not UNKNOWN
            if port is not None:
                ports[text(name) or str(port)] = port
    known = known and UNKNOWN not in (spec.get("containers"), *items(spec.get("containers")))
    name = text(mapping(labels).get(COMPONENT)) or text(mapping(resource.properties.get("metadata")).get("name"))
    return Pod(
        name=f"pods/{name or resource.name}",
        resource=resource,
        namespace=namespaces.of(resource),
        labels=labels,
        ports=ports,
        ports_known=known,
        on_host_network=spec.get("hostNetwork") is True,
    )


def _labels(resource: Resource) -> Any:
    """Return the labels of a workload's pods; UNKNOWN if they or an object that contains them is unknown."""
    steps = ["metadata", "labels"]
    if not resource.type.endswith(":Pod"):
        steps = ["spec", "template", *steps]
    if resource.type.endswith(":CronJob"):
        steps = ["spec", "jobTemplate", *steps]
    value: Any = resource.properties
    for step in steps:
        value = mapping(value).get(step)
        if value is UNKNOWN:
            return UNKNOWN
    return mapping(value)


def _unique(pod: Pod, pods: Sequence[Pod]) -> Pod:
    """Return the pod; if several have the same name, name it after its resource."""
    if pod.resource is None or sum(other.name == pod.name for other in pods) == 1:
        return pod
    return Pod(**{**vars(pod), "name": f"pods/{pod.resource.name}"})
