"""The properties of a stack that its network paths depend on; a change of others needs no analysis."""

from collections.abc import Sequence

from infra.reach.graph import Graph
from infra.reach.pods import Namespaces, pods_of
from infra.resources.properties import is_known
from infra.resources.resource import Resource

NO_PART = (
    *("aws:cloudwatch/", "aws:ecr/", "aws:iam/", "aws:kms/", "aws:s3/bucket", "docker-build:", "drydock:", "random:"),
    *("kubernetes:autoscaling/", "kubernetes:karpenter.sh/", "kubernetes:policy/"),
)
"""Prefixes of types that no network path depends on."""


def shape(resources: Sequence[Resource]) -> dict[str, object]:
    """Return the properties that paths depend on, by URN; those of pods without their image."""
    graph = Graph(resources)
    pods = {each.resource.urn: each for each in pods_of(graph, Namespaces(graph)) if each.resource}
    shapes: dict[str, object] = {
        urn: (pod.name, pod.namespace.key, pod.labels, pod.ports, pod.ports_known, pod.on_host_network)
        for urn, pod in pods.items()
    }
    relevant = [each for each in resources if not each.type.startswith(NO_PART)]
    return {each.urn: shapes.get(each.urn) or (each.properties, _references(each)) for each in relevant}


def _references(resource: Resource) -> dict[str, list[str]]:
    """Return what the unknown properties refer to."""
    unknown = [key for key, value in resource.properties.items() if not is_known(value)]
    return {key: sorted(resource.dependencies.get(key, ())) for key in unknown}
