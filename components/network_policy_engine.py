"""NetworkPolicyEngine: the setting that makes an Auto Mode cluster enforce NetworkPolicies.

Creates one ConfigMap, which EKS finds by name. The policies themselves belong to the workloads.
"""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core import v1 as core

from components.order import after


@dataclass(frozen=True, kw_only=True)
class NetworkPolicyEngineArgs:
    """Arguments of a NetworkPolicyEngine."""

    enabled: bool = True
    """Enforce NetworkPolicies. If off, the API server accepts them, but they have no effect."""


class NetworkPolicyEngine(pulumi.ComponentResource):
    """The setting that makes an Auto Mode cluster enforce NetworkPolicies, which it does not by default."""

    enabled: pulumi.Output[bool]
    """Whether policies are enforced; use it as an input of objects that depend on enforcement."""

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
