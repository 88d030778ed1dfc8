"""Nodes have all tags and room for the service, and only workers run on spot instances."""

import json
from typing import Any

from tests.support.services import Service, services_of
from tests.support.worlds import World, every_world

CLASS, POOL = "kubernetes:eks.amazonaws.com/v1:NodeClass", "kubernetes:karpenter.sh/v1:NodePool"
DEPLOYMENT, JOB = "kubernetes:apps/v1:Deployment", "kubernetes:batch/v1:Job"


@every_world
def test_nodes_have_the_tags_of_the_provider(world: World) -> None:
    """EKS does not apply the provider's default tags to nodes, so the node class has them."""
    provider = json.loads(world.only("pulumi:providers:aws").inputs["defaultTags"])["tags"]

    assert world.only(CLASS).inputs["spec"]["tags"] == provider


@every_world
def test_nodes_use_the_role_and_the_subnets_of_the_cluster(world: World) -> None:
    """EKS gives this role access because of the built-in node pool; storage of nodes has its own key."""
    spec = world.only(CLASS).inputs["spec"]
    cluster = world.only("aws:eks/cluster:Cluster").inputs

    assert world.owner(spec["role"]) is world.owner(cluster["computeConfig"]["nodeRoleArn"])
    assert [term["id"] for term in spec["subnetSelectorTerms"]] == cluster["vpcConfig"]["subnetIds"]
    assert world.owner(spec["ephemeralStorage"]["kmsKeyID"]).name == "cluster-nodes"
    assert cluster["computeConfig"]["nodePools"] == ["system"]


@every_world
def test_node_pools_have_room_for_the_pods_of_all_services(world: World) -> None:
    """The limit is at least twice the maximum CPU request during a rollout of all of them."""
    cpu = sum(_most_cpu(service) for service in services_of(world))

    for pool in world.all(POOL):
        assert int(pool.inputs["spec"]["limits"]["cpu"]) >= 2 * cpu


def _most_cpu(service: Service) -> float:
    """Return the CPUs that the pods of a service request at most: in a rollout each Deployment has one more."""
    request = service.pods.cpu_request
    cpu = float(request[:-1]) / 1000 if request.endswith("m") else float(request)
    workers = service.workers + 1 if service.workers else 0
    return cpu * (service.pods.max_replicas + 1 + workers + (1 if service.migration_role else 0))


@every_world
def test_only_workers_run_on_spot_instances(world: World) -> None:
    """They do so only with the setting; a server on an interrupted instance would fail requests."""
    pods: dict[str, dict[str, Any]] = {
        each.name: each.inputs["spec"]["template"]["spec"] for each in (*world.all(DEPLOYMENT), *world.all(JOB))
    }
    spot = world.settings.cluster.spot_workers
    steady = {
        name for name, pod in pods.items() if pod.get("nodeSelector") == {"karpenter.sh/capacity-type": "on-demand"}
    }

    workers = {f"{each.workload}-worker" for each in services_of(world) if each.workers}
    assert pods.keys() - steady == workers
    assert {name for name, pod in pods.items() if pod.get("affinity")} == (workers if spot else set())
    assert len(world.all(POOL)) == (2 if spot else 1)
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    assert not any(required in pods[name].get("affinity", {}).get("nodeAffinity", {}) for name in workers)


@every_world
def test_pods_depend_on_the_node_pools(world: World) -> None:
    pools = {pool.urn for pool in world.all(POOL)}

    for each in (*world.all(DEPLOYMENT), *world.all(JOB)):
        assert pools <= world.recording.waits_for(each)
