"""Changes that replace the nodes of a cluster."""

from collections.abc import Iterator, Mapping

from infra.review.hazards.alteration import Alteration

CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"

NODE_FIELDS: Mapping[str, tuple[str, ...]] = {
    # Drift: https://karpenter.sh/docs/concepts/disruption/#drift. Limits, weight and disruption are no drift.
    "kubernetes:karpenter.sh/v1:NodePool": ("spec.template",),
    "kubernetes:eks.amazonaws.com/v1:NodeClass": ("spec",),
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
    elif changed := [path for path in fields if alteration.pair(path)]:
        yield f"nodes are replaced because {', '.join(changed)} changes"
