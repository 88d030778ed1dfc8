"""The number of nodes that the pods of a stack need, at rest and at most."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from infra.costs.kinds import AUTOSCALER, DEPLOYMENT, NODE_POOL
from infra.reach.services import ADDON, POD_LOGS
from infra.reach.values import number
from infra.resources.properties import at, items, mapping
from infra.resources.resource import Properties, Resource
from localcloud.cluster.quantities import parse

VCPUS, MEMORY = 2, parse("8Gi")
"""The node that is priced."""
NODE_CPUS = 1.9
"""CPUs of a node with 2 vCPUs that pods may request; the node reserves the rest."""
LOG_AGENTS_CPUS = 0.3
"""What the add-on `amazon-cloudwatch-observability` requests on each node: 250m and 50m for its two agents.
https://github.com/aws-observability/helm-charts/blob/main/charts/amazon-cloudwatch-observability/values.yaml"""
NODE_MEMORY = parse("6600Mi")
"""Memory of a node with 8 GiB that pods may request. The kubelet reserves 255 MiB and 11 MiB for each of up to 110
pods, and evicts pods below 100 MiB:
https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go"""
LOG_AGENTS_MEMORY = parse("153Mi")
"""What the same add-on requests on each node: 128Mi and 25Mi for its two agents."""


@dataclass(frozen=True)
class Count:
    """A number of nodes or pods, or what they request."""

    rest: Decimal
    """With autoscalers at their minimum."""
    most: Decimal
    """With autoscalers at their maximum."""


def count_nodes(resources: Sequence[Resource], zones: int) -> Count:
    """Count the nodes that hold what the pods of all Deployments request: at least one in each zone.

    The limits of the node pools are the maximum. Nodes that replace others are not counted.
    """
    logged = any(each.type == ADDON and each.properties.get("addonName") == POD_LOGS for each in resources)
    cpus = Decimal(str(NODE_CPUS - LOG_AGENTS_CPUS if logged else NODE_CPUS))
    memory = NODE_MEMORY - LOG_AGENTS_MEMORY if logged else NODE_MEMORY
    limit = sum(map(_limit, pools), Decimal()) if (pools := _all(resources, NODE_POOL)) else Decimal("Infinity")
    needed = [(_requested(resources, "cpu"), cpus), (_requested(resources, "memory"), memory)]

    def nodes(requested: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
        return min(limit, max(Decimal(zones), *(Decimal(math.ceil(total / each)) for total, each in requested)))

    return Count(
        nodes((total.rest, each) for total, each in needed), nodes((total.most, each) for total, each in needed)
    )


def _all(resources: Iterable[Resource], type_: str) -> list[Properties]:
    return [each.properties for each in resources if each.type == type_]


def _limit(pool: Properties) -> Decimal:
    """Return the number of nodes that the limits of a pool allow."""
    limits = mapping(at(pool, "spec.limits"))
    cpus, memory = limits.get("cpu"), limits.get("memory")
    return min(
        Decimal(math.floor(parse(value) / each)) if isinstance(value, str | int) else Decimal("Infinity")
        for value, each in ((cpus, VCPUS), (memory, MEMORY))
    )


def _requested(resources: Sequence[Resource], what: str) -> Count:
    """Return the cores (`cpu`) or bytes (`memory`) that the pods of all Deployments request."""
    scaled = {
        at(each, "spec.scaleTargetRef.name"): (
            number(at(each, "spec.minReplicas")),
            number(at(each, "spec.maxReplicas")),
        )
        for each in _all(resources, AUTOSCALER)
    }
    rest = most = Decimal()
    for deployment in _all(resources, DEPLOYMENT):
        one = sum(map(parse, _requests(deployment, what)), Decimal())
        least, highest = scaled.get(at(deployment, "metadata.name"), (None, None))
        # Kubernetes' default of both fields is 1:
        # https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
        fixed = number(at(deployment, "spec.replicas"))
        fewest = fixed if fixed is not None else least if least is not None else 1
        rest += one * fewest
        most += one * max(fewest, highest or 0)
    return Count(rest, most)


def _requests(deployment: Properties, what: str) -> Iterator[Any]:
    for container in items(at(deployment, "spec.template.spec.containers")):
        requested = at(container, f"resources.requests.{what}")
        if isinstance(requested, str | int):
            yield requested
