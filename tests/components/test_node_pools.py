"""NodePools: what nodes EKS makes, accepted by the rules of the kinds as the API server has them."""

import pytest

from components.node_pools import NodePools
from tests.support.builders import node_pools_args
from tests.support.recorder import Recording, record

CLASS = "kubernetes:eks.amazonaws.com/v1:NodeClass"
POOL = "kubernetes:karpenter.sh/v1:NodePool"


def _pools(**changes: object) -> Recording:
    return record(lambda: NodePools("nodes", node_pools_args(**changes)).node_class)


def test_nodes_are_tagged_and_their_volumes_encrypted_by_the_given_key() -> None:
    """In the given subnets and group, with the given role: nothing that EKS would choose."""
    spec = _pools(tags={"CostCenter": "x"}, volume_gib=100).only(CLASS).inputs["spec"]

    assert spec == {
        "role": "node-role",
        "subnetSelectorTerms": [{"id": "subnet-a"}, {"id": "subnet-b"}],
        "securityGroupSelectorTerms": [{"id": "sg-cluster"}],
        "ephemeralStorage": {"size": "100Gi", "kmsKeyID": node_pools_args().key_arn},
        "tags": {"CostCenter": "x"},
    }


@pytest.mark.parametrize("architecture", ["amd64", "arm64"])
def test_pools_have_one_architecture_limits_and_a_budget(architecture: str) -> None:
    """A node at a time is replaced, and none lives longer than two weeks."""
    recording = _pools(architecture=architecture, interruptible=True, cpu_limit=8, memory_limit_gib=32)

    for pool in recording.all(POOL):
        spec = pool.inputs["spec"]
        template = spec["template"]["spec"]
        requirements = {each["key"]: (each["operator"], each["values"]) for each in template["requirements"]}
        assert requirements["kubernetes.io/arch"] == ("In", [architecture])
        assert spec["limits"] == {"cpu": "8", "memory": "32Gi"}
        assert spec["disruption"]["budgets"] == [{"nodes": "1"}]
        assert template["expireAfter"] == "336h"
        assert template["nodeClassRef"]["name"] == recording.only(CLASS).inputs["metadata"]["name"]


def test_spot_instances_are_in_a_pool_of_their_own() -> None:
    """It falls back to others, and has no taint: the driver that mounts secrets tolerates none."""
    recording = _pools(interruptible=True)

    pools = {pool.inputs["metadata"]["name"]: pool.inputs["spec"]["template"]["spec"] for pool in recording.all(POOL)}
    kinds = {
        name: next(r["values"] for r in spec["requirements"] if r["key"] == "karpenter.sh/capacity-type")
        for name, spec in pools.items()
    }
    assert kinds == {"drydock": ["on-demand"], "drydock-interruptible": ["spot", "on-demand"]}
    assert all("taints" not in spec for spec in pools.values())


def test_there_is_no_such_pool_unless_asked_for() -> None:
    assert [pool.inputs["metadata"]["name"] for pool in _pools().all(POOL)] == ["drydock"]


def test_pools_go_before_their_class() -> None:
    """EKS keeps a class as long as nodes are of it."""
    recording = _pools(interruptible=True)

    for pool in recording.all(POOL):
        assert recording.only(CLASS).urn in recording.waits_for(pool)
