"""Nodes: tagged like everything else, able to hold the service, and spot instances for the workers alone."""

import json
from typing import Any

from tests.support.worlds import World, every_world

CLASS, POOL = "kubernetes:eks.amazonaws.com/v1:NodeClass", "kubernetes:karpenter.sh/v1:NodePool"
DEPLOYMENT, JOB = "kubernetes:apps/v1:Deployment", "kubernetes:batch/v1:Job"


@every_world
def test_nodes_have_the_tags_of_the_provider(world: World) -> None:
    """No default tags reach what EKS makes."""
    provider = json.loads(world.only("pulumi:providers:aws").inputs["defaultTags"])["tags"]

    assert world.only(CLASS).inputs["spec"]["tags"] == provider


@every_world
def test_nodes_are_those_of_the_cluster(world: World) -> None:
    """Its role, which EKS lets in for the built-in pool, its private subnets, and a key of their own."""
    spec = world.only(CLASS).inputs["spec"]
    cluster = world.only("aws:eks/cluster:Cluster").inputs

    assert world.owner(spec["role"]) is world.owner(cluster["computeConfig"]["nodeRoleArn"])
    assert [term["id"] for term in spec["subnetSelectorTerms"]] == cluster["vpcConfig"]["subnetIds"]
    assert world.owner(spec["ephemeralStorage"]["kmsKeyID"]).name == "cluster-nodes"
    assert cluster["computeConfig"]["nodePools"] == ["system"]


@every_world
def test_the_pods_of_the_service_find_room(world: World) -> None:
    """Twice what they may ask for at most, during a rollout too."""
    service = world.settings.service
    cpu = float(service.cpu_request[:-1]) / 1000 if service.cpu_request.endswith("m") else float(service.cpu_request)
    pods = service.max_replicas + 1 + service.worker_replicas + 1 + 1

    for pool in world.all(POOL):
        assert int(pool.inputs["spec"]["limits"]["cpu"]) >= 2 * pods * cpu


@every_world
def test_only_workers_run_on_spot_instances(world: World) -> None:
    """And only where the settings say so: a server that is taken away fails requests."""
    pods: dict[str, dict[str, Any]] = {
        each.name: each.inputs["spec"]["template"]["spec"] for each in (*world.all(DEPLOYMENT), *world.all(JOB))
    }
    spot = world.settings.cluster.spot_workers
    steady = {
        name for name, pod in pods.items() if pod.get("nodeSelector") == {"karpenter.sh/capacity-type": "on-demand"}
    }

    assert pods.keys() - steady == {"workload-worker"}
    assert {name for name, pod in pods.items() if pod.get("affinity")} == ({"workload-worker"} if spot else set())
    assert len(world.all(POOL)) == (2 if spot else 1)
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    assert required not in pods["workload-worker"].get("affinity", {}).get("nodeAffinity", {})


@every_world
def test_pods_wait_for_their_nodes(world: World) -> None:
    pools = {pool.urn for pool in world.all(POOL)}

    for each in (*world.all(DEPLOYMENT), *world.all(JOB)):
        assert pools <= world.recording.waits_for(each)
