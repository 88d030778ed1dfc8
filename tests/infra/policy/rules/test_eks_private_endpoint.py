"""aws-eks-private-endpoint."""

from typing import Any

import pytest

from infra.policy.rules.eks_private_endpoint import RULE
from tests.infra.policy.compliant import CLUSTER
from tests.infra.policy.judge import ABSENT, violations


def test_accepts_a_private_endpoint() -> None:
    """Private access is on and public access off."""
    assert violations(RULE, CLUSTER) == []


@pytest.mark.parametrize("value", [True, ABSENT])
def test_rejects_a_public_endpoint(value: Any) -> None:
    """Without the property, AWS makes the endpoint public."""
    [message] = violations(RULE, CLUSTER.but("vpcConfig.endpointPublicAccess", value))

    assert "endpointPublicAccess is on" in message


@pytest.mark.parametrize("value", [False, ABSENT])
def test_rejects_a_cluster_without_private_endpoint(value: Any) -> None:
    """Without it, nodes reach the API server over the internet."""
    [message] = violations(RULE, CLUSTER.but("vpcConfig.endpointPrivateAccess", value))

    assert "endpointPrivateAccess is off" in message
