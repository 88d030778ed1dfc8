"""aws-eks-private-endpoint."""

from typing import Any

import pytest

from infra.policy.rules.eks_private_endpoint import RULE
from tests.infra.policy.compliant import CLUSTER
from tests.infra.policy.judge import ABSENT, violations


def test_accepts_a_private_endpoint() -> None:
    """Private on and public off passes."""
    assert violations(RULE, CLUSTER) == []


@pytest.mark.parametrize("value", [True, ABSENT])
def test_rejects_a_public_endpoint(value: Any) -> None:
    """Public is what AWS takes where nothing is said."""
    [message] = violations(RULE, CLUSTER.but("vpcConfig.endpointPublicAccess", value))

    assert "endpointPublicAccess is on" in message


@pytest.mark.parametrize("value", [False, ABSENT])
def test_rejects_a_cluster_without_private_endpoint(value: Any) -> None:
    """Nodes then talk to the API over the internet."""
    [message] = violations(RULE, CLUSTER.but("vpcConfig.endpointPrivateAccess", value))

    assert "endpointPrivateAccess is off" in message
