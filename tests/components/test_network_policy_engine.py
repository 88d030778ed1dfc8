"""NetworkPolicyEngine: what it makes of its args."""

import pulumi

from components.network_policy_engine import NetworkPolicyEngine
from tests.support.builders import policy_engine_args
from tests.support.recorder import record


def test_policy_engine_is_switched_on() -> None:
    """The switch is a ConfigMap that EKS looks for by name."""
    recording = record(lambda: NetworkPolicyEngine("engine", policy_engine_args()).enabled)

    switch = recording.only("kubernetes:core/v1:ConfigMap").inputs
    assert switch["metadata"] == {"name": "amazon-vpc-cni", "namespace": "kube-system"}
    assert switch["data"] == {"enable-network-policy-controller": "true"}
    assert recording.result is True


def test_children_take_the_component_provider() -> None:
    """A provider given to the component reaches its children."""

    def program() -> None:
        provider = pulumi.ProviderResource("kubernetes", "given", {})
        NetworkPolicyEngine("engine", policy_engine_args(), pulumi.ResourceOptions(provider=provider))

    switch = record(program).only("kubernetes:core/v1:ConfigMap")
    assert "::given::" in switch.provider
