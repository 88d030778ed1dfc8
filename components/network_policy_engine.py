"""NetworkPolicyEngine: the switch that makes an Auto Mode cluster enforce NetworkPolicies.

Creates one ConfigMap, which EKS looks for by its name. The policies themselves belong to the workloads.
"""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core import v1 as core

from components.order import after


@dataclass(frozen=True, kw_only=True)
class NetworkPolicyEngineArgs:
    """What a NetworkPolicyEngine is made from."""

    enabled: bool = True
    """Enforce NetworkPolicies. Off, they are accepted by the API server and do nothing."""


class NetworkPolicyEngine(pulumi.ComponentResource):
    """The switch that makes an Auto Mode cluster enforce NetworkPolicies: it is off until this is there."""

    enabled: pulumi.Output[bool]
    """Whether policies are enforced; read it before making one that matters."""

    def __init__(self, name: str, args: NetworkPolicyEngineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:cluster:NetworkPolicyEngine", name, None, opts)
        switch = core.ConfigMap(
            f"{name}-switch",
            metadata={"name": "amazon-vpc-cni", "namespace": "kube-system"},
            data={"enable-network-policy-controller": str(args.enabled).lower()},
            opts=pulumi.ResourceOptions(parent=self),
        )

        self.enabled = after(args.enabled, switch)
        self.register_outputs({"enabled": self.enabled})
