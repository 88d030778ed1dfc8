"""The component NodePools: its NodeClass and NodePools, validated with the schemas of the API server."""

import pytest

from components.node_pools import NodePools
from tests.support.builders import node_pools_args
from tests.support.recorder import Recording, record

CLASS = "kubernetes:eks.amazonaws.com/v1:NodeClass"
POOL = "kubernetes:karpenter.sh/v1:NodePool"


def _pools(**changes: object) -> Recording:
    return record(lambda: NodePools("nodes", node_pools_args(**changes)).node_class)


def test_the_node_class_has_the_given_tags_key_subnets_group_and_role() -> None:
    """No value is left for EKS to choose."""
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
    """Nodes are replaced one at a time, and after two weeks at the latest."""
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


def test_spot_instances_have_their_own_pool() -> None:
    """Other instances are the fallback. It has no taint, which the driver that mounts secrets would not tolerate."""
    recording = _pools(interruptible=True)

    pools = {pool.inputs["metadata"]["name"]: pool.inputs["spec"]["template"]["spec"] for pool in recording.all(POOL)}
    kinds = {
        name: next(r["values"] for r in spec["requirements"] if r["key"] == "karpenter.sh/capacity-type")
        for name, spec in pools.items()
    }
    assert kinds == {"drydock": ["on-demand"], "drydock-interruptible": ["spot", "on-demand"]}
    assert all("taints" not in spec for spec in pools.values())


def test_there_is_no_spot_pool_by_default() -> None:
    assert [pool.inputs["metadata"]["name"] for pool in _pools().all(POOL)] == ["drydock"]


def test_pools_are_deleted_before_their_class() -> None:
    """EKS does not delete a class that nodes use."""
    recording = _pools(interruptible=True)

    for pool in recording.all(POOL):
        assert recording.only(CLASS).urn in recording.waits_for(pool)
