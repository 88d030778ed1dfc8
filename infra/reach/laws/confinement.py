"""Law: NetworkPolicies restrict every pod, and the cluster enforces them."""

from collections.abc import Iterator

from infra.reach.breach import Breach
from infra.reach.verdict import Verdict
from infra.reach.view import View


def pods_are_confined(view: View) -> Iterator[Breach]:
    """Yield pods that no policy selects for a direction, and policies that the cluster does not enforce."""
    network = view.network
    if not network.clusters:
        return
    if network.policies.resources and network.policies.enforced is Verdict.NO:
        yield Breach(
            network.policies.resources[0],
            "NetworkPolicies are not enforced: the cluster accepts them and does nothing",
            'create the ConfigMap amazon-vpc-cni in kube-system with enable-network-policy-controller: "true"',
        )
    for pod in network.pods:
        if pod.resource is None or pod.on_host_network:
            continue
        for direction in ("Ingress", "Egress"):
            if network.policies.confines(pod, direction) is Verdict.NO:
                yield Breach(
                    pod.resource,
                    f"no NetworkPolicy selects {pod.name} for {direction}, so that all of it is allowed",
                    f"add a policy to its namespace with an empty podSelector and the policyType {direction}",
                )
