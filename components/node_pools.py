"""NodePools: the nodes that EKS Auto Mode creates for pods, tagged, encrypted and limited.

Creates a NodeClass and a NodePool, and a second pool for interruptible pods. EKS creates the nodes themselves.
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
    """Arguments of NodePools."""

    node_role_name: pulumi.Input[str]
    """Role of the nodes, which must have access to the cluster."""

    subnet_ids: pulumi.Input[Sequence[str]]
    """Subnets of the nodes."""

    security_group_id: pulumi.Input[str]
    """Security group of nodes and pods."""

    key_arn: pulumi.Input[str]
    """KMS key that encrypts the volumes of the nodes; the role of the cluster must be allowed to use it."""

    cpu_limit: int
    """Maximum of CPUs of a pool."""

    memory_limit_gib: int
    """Maximum of memory of a pool, in GiB."""

    architecture: Architecture = "amd64"
    """Architecture of the nodes, which must match the images."""

    interruptible: bool = False
    """Also create a pool of spot instances, for pods that do not select STEADY_NODES."""

    volume_gib: int = 80
    """Size of the volume of a node, in GiB."""

    tags: Mapping[str, str]
    """Tags of instances, volumes and network interfaces, which do not get the default tags of the provider."""


class NodePools(pulumi.ComponentResource):
    """The nodes of a cluster in Auto Mode."""

    node_class: pulumi.Output[str]
    """Name of the NodeClass, known once the pools exist; use it as an input of pods."""

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
