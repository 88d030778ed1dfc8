"""Changes that replace the nodes of a cluster."""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.review.hazards.alteration import Alteration

CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
POOL, CLASS = "kubernetes:karpenter.sh/v1:NodePool", "kubernetes:eks.amazonaws.com/v1:NodeClass"

NODE_FIELDS: Mapping[str, tuple[str, ...]] = {
    # Drift: https://karpenter.sh/docs/concepts/disruption/#drift. Limits, weight and disruption are no drift.
    POOL: ("spec.template",),
    CLASS: ("spec",),
    # https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html: Auto Mode replaces the nodes afterwards.
    CLUSTER: ("version", "computeConfig.nodeRoleArn"),
    # https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
    NODE_GROUP: ("version", "releaseVersion", "launchTemplate", "amiType", "nodeRoleArn", "instanceTypes"),
    # A node group on `$Latest`, or an Auto Scaling group with an instance refresh, creates its instances again.
    "aws:ec2/launchTemplate:LaunchTemplate": ("imageId", "userData", "instanceType", "blockDeviceMappings"),
}
"""Type -> properties whose change replaces nodes."""


def node_roll(alteration: Alteration) -> Iterator[str]:
    """Yield why nodes are replaced."""
    fields = NODE_FIELDS.get(alteration.type, ())
    if fields and alteration.goes:
        yield f"its {alteration.operation} removes the nodes that it stands for"
    elif changed := [path for path in fields if _differs(alteration, path)]:
        yield f"nodes are replaced because {', '.join(changed)} changes"


def _differs(alteration: Alteration, path: str) -> bool:
    """Return whether a property differs. Karpenter compares lists as sets: SlicesAsSets in its NodePool.Hash."""
    old, new = alteration.pair(path) or (None, None)
    return bool(_sorted(old) != _sorted(new) if alteration.type in (POOL, CLASS) else old != new)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return sorted(map(_sorted, value), key=repr) if isinstance(value, list) else value
