"""The number of nodes: by requests of CPU and memory, replicas, zones and the limits of the pools."""

from dataclasses import replace
from decimal import Decimal

import pytest

from components.node_pools import NodePoolsArgs
from infra.costs.estimate import VOLUME_GIB, estimate
from infra.costs.nodes import Count, count_nodes
from infra.resources.resource import Resource
from tests.infra.costs.edits import AUTOSCALER, requesting, specified
from tests.support.planned import planned_stack

POOL = "kubernetes:karpenter.sh/v1:NodePool"
UNLIMITED = {"cpu": "1000", "memory": "4000Gi"}


def _nodes(resources: list[Resource]) -> Count:
    return count_nodes(specified(resources, POOL, limits=UNLIMITED), 3)


def test_counts_nodes_by_the_cpu_requests_of_pods() -> None:
    """18 to 36 servers and 2 workers of half a core: 10 and 19 cores, on nodes with 1.6 for them."""
    scaled = specified(planned_stack("prod"), AUTOSCALER, minReplicas=18.0, maxReplicas=36.0)

    assert _nodes(scaled) == Count(Decimal(7), Decimal(12))


@pytest.mark.parametrize(("requested", "nodes"), [("512Mi", 3), ("3Gi", 3), ("4Gi", 4), ("7Gi", 6), ("20Gi", 16)])
def test_counts_nodes_by_the_memory_requests_of_pods(requested: str, nodes: int) -> None:
    """5 pods at rest: 3 servers and 2 workers. A node has 6447 MiB for them, after the agents for logs."""
    assert _nodes(requesting(planned_stack("prod"), memory=requested)).rest == nodes


def test_counts_pods_of_each_service_by_its_own_autoscaler() -> None:
    """A second service with 30 to 60 pods adds pods of half a core; the first one keeps its 3 to 20."""
    parts = ("Deployment::workload-deployment", "HorizontalPodAutoscaler::workload-autoscaler")
    planned = planned_stack("prod")
    more = []
    for each in planned:
        if each.urn.endswith(parts):
            spec = dict(each.properties["spec"])
            if "minReplicas" in spec:
                target = {**spec["scaleTargetRef"], "name": "shop"}
                spec |= {"minReplicas": 30, "maxReplicas": 60, "scaleTargetRef": target}
            metadata = {**each.properties["metadata"], "name": "shop"}
            more.append(replace(each, urn=f"{each.urn}-2", properties={"spec": spec, "metadata": metadata}))

    assert len(more) == 2
    # 3 to 20 servers, 2 workers and 30 to 60 more pods of 0.5 CPUs, on nodes with 1.6 CPUs for them.
    assert _nodes([*planned, *more]) == Count(Decimal(11), Decimal(26))


def test_has_a_node_in_each_zone() -> None:
    """EKS spreads the pods over the zones, however small they are."""
    assert count_nodes(planned_stack("dev"), 3).rest == 3


@pytest.mark.parametrize(
    ("limits", "most"),
    [({"cpu": "10", "memory": "4000Gi"}, 5), ({"cpu": 11, "memory": "33Gi"}, 4), ({"cpu": "11"}, 5), ({}, 12)],
)
def test_the_limits_of_the_pools_are_the_maximum(limits: dict[str, object], most: int) -> None:
    """Nodes of 2 vCPUs and 8 GiB, of which a pool has no more than fit into its limits; a pool may have none."""
    scaled = specified(planned_stack("prod"), AUTOSCALER, minReplicas=3, maxReplicas=36)

    assert count_nodes(specified(scaled, POOL, limits=limits), 3) == Count(Decimal(3), Decimal(most))


def test_adds_the_limits_of_all_pools() -> None:
    """Dev has a second pool, of spot instances."""
    scaled = specified(planned_stack("dev"), AUTOSCALER, minReplicas=200, maxReplicas=200)

    assert count_nodes(specified(scaled, POOL, limits={"cpu": "6", "memory": "24Gi"}), 2).rest == 3 + 3


def test_reads_the_size_of_the_volumes() -> None:
    """It is known in a deployed stack; in a preview it is the default of the component."""
    node_class = "kubernetes:eks.amazonaws.com/v1:NodeClass"
    larger = specified(planned_stack("prod"), node_class, ephemeralStorage={"size": "100Gi"})

    (volumes,) = [charge for charge in estimate(larger).charges if charge.what == "volume of a node, a GiB"]
    assert (volumes.rest, volumes.component) == (3 * 100, "NodePools")
    assert NodePoolsArgs.volume_gib == VOLUME_GIB


def test_a_cluster_without_pools_of_the_stack_has_nodes_too() -> None:
    """Those of EKS's own pools belong to the cluster, and have no limit."""
    alone = [each for each in planned_stack("prod") if each.type != POOL]

    (nodes,) = [charge for charge in estimate(alone).charges if charge.what == "node, 2 vCPUs and 8 GiB"]
    assert (nodes.rest, nodes.most, nodes.component) == (3, 7, "Cluster")
