"""Nodes have all tags and room for the service, and only workers run on spot instances."""

import json
from typing import Any

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
def test_node_pools_have_room_for_the_pods_of_the_service(world: World) -> None:
    """The limit is at least twice the maximum CPU request during a rollout."""
    service = world.settings.service
    cpu = float(service.cpu_request[:-1]) / 1000 if service.cpu_request.endswith("m") else float(service.cpu_request)
    pods = service.max_replicas + 1 + service.worker_replicas + 1 + 1

    for pool in world.all(POOL):
        assert int(pool.inputs["spec"]["limits"]["cpu"]) >= 2 * pods * cpu


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

    assert pods.keys() - steady == {"workload-worker"}
    assert {name for name, pod in pods.items() if pod.get("affinity")} == ({"workload-worker"} if spot else set())
    assert len(world.all(POOL)) == (2 if spot else 1)
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    assert required not in pods["workload-worker"].get("affinity", {}).get("nodeAffinity", {})


@every_world
def test_pods_depend_on_the_node_pools(world: World) -> None:
    pools = {pool.urn for pool in world.all(POOL)}

    for each in (*world.all(DEPLOYMENT), *world.all(JOB)):
        assert pools <= world.recording.waits_for(each)
