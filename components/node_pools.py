"""NodePools: the nodes that EKS Auto Mode makes for pods, tagged, encrypted and limited.

Creates a NodeClass and a NodePool, and one more for what may be interrupted. EKS makes the nodes themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import apiextensions

from components.manifests.node_pool import (
    INTERRUPTIBLE,
    NODE_CLASS,
    ON_DEMAND,
    Architecture,
    node_class_spec,
    node_pool_spec,
)
from components.order import after


@dataclass(frozen=True, kw_only=True)
class NodePoolsArgs:
    """What NodePools are made from."""

    node_role_name: pulumi.Input[str]
    """Role of the nodes, one that the cluster lets in as nodes."""

    subnet_ids: pulumi.Input[Sequence[str]]
    """Subnets of the nodes."""

    security_group_id: pulumi.Input[str]
    """Security group of nodes and pods."""

    key_arn: pulumi.Input[str]
    """KMS key that encrypts the nodes' volumes; the cluster's role may use it."""

    cpu_limit: int
    """CPUs that the nodes of one pool have at most."""

    memory_limit_gib: int
    """Memory that the nodes of one pool have at most, in GiB."""

    architecture: Architecture = "amd64"
    """Architecture of the nodes, that of the images."""

    interruptible: bool = False
    """Make a pool of spot instances too, for pods that do not ask for STEADY_NODES."""

    volume_gib: int = 80
    """Size of a node's volume, in GiB."""

    tags: Mapping[str, str]
    """Tags of instances, volumes and network interfaces: no default tags of a provider reach them."""


class NodePools(pulumi.ComponentResource):
    """The nodes of a cluster in Auto Mode."""

    node_class: pulumi.Output[str]
    """Name of the NodeClass, known once there are pools; read it before making pods."""

    def __init__(self, name: str, args: NodePoolsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:cluster:NodePools", name, None, opts)
        known = pulumi.Output.all(
            role=args.node_role_name,
            subnet_ids=args.subnet_ids,
            group_id=args.security_group_id,
            key_arn=args.key_arn,
        )
        node_class = apiextensions.CustomResource(
            f"{name}-class",
            api_version="eks.amazonaws.com/v1",
            kind="NodeClass",
            metadata={"name": NODE_CLASS},
            spec=known.apply(lambda found: node_class_spec(**found, volume_gib=args.volume_gib, tags=args.tags)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        pools = [
            self._pool(f"{name}-on-demand", ON_DEMAND, args, node_class, interruptible=False),
            *(
                [self._pool(f"{name}-interruptible", INTERRUPTIBLE, args, node_class, interruptible=True)]
                if args.interruptible
                else []
            ),
        ]

        self.node_class = after(NODE_CLASS, *pools)
        self.register_outputs({"node_class": self.node_class})

    def _pool(
        self, name: str, pool: str, args: NodePoolsArgs, node_class: pulumi.Resource, *, interruptible: bool
    ) -> pulumi.Resource:
        made: pulumi.Resource = apiextensions.CustomResource(
            name,
            api_version="karpenter.sh/v1",
            kind="NodePool",
            metadata={"name": pool},
            spec=node_pool_spec(
                architecture=args.architecture,
                cpu_limit=args.cpu_limit,
                memory_limit_gib=args.memory_limit_gib,
                interruptible=interruptible,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[node_class]),
        )
        return made
