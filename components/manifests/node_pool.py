"""NodeClass and NodePools of EKS Auto Mode.

Fields: https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html,
https://docs.aws.amazon.com/eks/latest/userguide/create-node-pool.html and https://karpenter.sh/docs/concepts/nodepools/
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

Architecture = Literal["amd64", "arm64"]

NODE_CLASS = "drydock"  # not `default`, which belongs to EKS
ON_DEMAND, INTERRUPTIBLE = "drydock", "drydock-interruptible"
CAPACITY_TYPE = "karpenter.sh/capacity-type"
STEADY_NODES = {CAPACITY_TYPE: "on-demand"}
"""Labels of on-demand nodes, which are not interrupted with two minutes' notice."""
MIN_GENERATION = "4"  # of a category, such as m; later generations use Nitro


def node_class_spec(
    *, role: str, subnet_ids: Sequence[str], group_id: str, key_arn: str, volume_gib: int, tags: Mapping[str, str]
) -> dict[str, Any]:
    """Specify nodes: their role, subnets, security group, encrypted volumes, and the tags of their EC2 resources."""
    return {
        "role": role,
        "subnetSelectorTerms": [{"id": id_} for id_ in subnet_ids],
        "securityGroupSelectorTerms": [{"id": group_id}],
        "ephemeralStorage": {"size": f"{volume_gib}Gi", "kmsKeyID": key_arn},
        "tags": dict(tags),
    }


def node_pool_spec(
    *, architecture: Architecture, cpu_limit: int, memory_limit_gib: int, interruptible: bool
) -> dict[str, Any]:
    """Specify a pool: its instances, its limits of CPU and memory, and how nodes are replaced.

    Nodes are replaced one at a time, within the disruption budgets of their pods, and after at most two weeks, so that
    they get the security fixes of newer images. Interruptible pods run on spot instances, or if there are
    none, on others. The spot pool has no taint, because add-ons must run on its nodes too, such as the driver that
    mounts secrets; pods that must not be interrupted select STEADY_NODES.
    """
    spec: dict[str, Any] = {
        "nodeClassRef": {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": NODE_CLASS},
        "expireAfter": "336h",
        "requirements": [
            {"key": "kubernetes.io/arch", "operator": "In", "values": [architecture]},
            {
                "key": CAPACITY_TYPE,
                "operator": "In",
                "values": ["spot", "on-demand"] if interruptible else ["on-demand"],
            },
            {"key": "eks.amazonaws.com/instance-category", "operator": "In", "values": ["c", "m", "r"]},
            {"key": "eks.amazonaws.com/instance-generation", "operator": "Gt", "values": [MIN_GENERATION]},
        ],
    }
    return {
        "template": {"spec": spec},
        "limits": {"cpu": str(cpu_limit), "memory": f"{memory_limit_gib}Gi"},
        "disruption": {
            "consolidationPolicy": "WhenEmptyOrUnderutilized",
            "consolidateAfter": "5m",
            "budgets": [{"nodes": "1"}],
        },
    }
