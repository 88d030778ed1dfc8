"""The component NetworkPolicyEngine: its resources for given arguments."""

import pulumi

from components.network_policy_engine import NetworkPolicyEngine
from tests.support.builders import policy_engine_args
from tests.support.recorder import record


def test_enables_network_policies() -> None:
    """The setting is a ConfigMap that EKS finds by name."""
    recording = record(lambda: NetworkPolicyEngine("engine", policy_engine_args()).enabled)

    switch = recording.only("kubernetes:core/v1:ConfigMap").inputs
    assert switch["metadata"] == {"name": "amazon-vpc-cni", "namespace": "kube-system"}
    assert switch["data"] == {"enable-network-policy-controller": "true"}
    assert recording.result is True


def test_children_use_the_provider_of_the_component() -> None:
    """A provider in the component's options is passed to its children."""

    def program() -> None:
        provider = pulumi.ProviderResource("kubernetes", "given", {})
        NetworkPolicyEngine("engine", policy_engine_args(), pulumi.ResourceOptions(provider=provider))

    switch = record(program).only("kubernetes:core/v1:ConfigMap")
    assert "::given::" in switch.provider
