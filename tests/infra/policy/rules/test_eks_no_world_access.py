"""aws-eks-no-world-access."""

from typing import Any

import pytest

from infra.policy.rules.eks_no_world_access import RULE
from tests.infra.policy.compliant import CLUSTER, PUBLIC_CLUSTER
from tests.infra.policy.judge import ABSENT, violations


@pytest.mark.parametrize("cluster", [CLUSTER, PUBLIC_CLUSTER], ids=["private", "a few networks"])
def test_accepts_a_private_or_restricted_endpoint(cluster: Any) -> None:
    """A public endpoint is accepted if it is restricted to named networks."""
    assert violations(RULE, cluster) == []


@pytest.mark.parametrize(
    ("cidrs", "found"),
    [
        (["203.0.113.0/24", "0.0.0.0/0"], "publicAccessCidrs holds 0.0.0.0/0"),
        (["::/0"], "publicAccessCidrs holds ::/0"),
        (["52.1.0.0/16"], "publicAccessCidrs holds 52.1.0.0/16"),
        (["203.0.112.0/23"], "publicAccessCidrs holds 203.0.112.0/23"),
        (["2001:db8::/48"], "publicAccessCidrs holds 2001:db8::/48"),
        (["0.0.0.0/1", "128.0.0.0/1"], "publicAccessCidrs holds 128.0.0.0/1"),
        ([], "publicAccessCidrs is not set"),
        (ABSENT, "publicAccessCidrs is not set"),
    ],
)
def test_rejects_ranges_wider_than_a_site(cidrs: Any, found: str) -> None:
    """Without the property, AWS's default is the whole internet."""
    messages = violations(RULE, PUBLIC_CLUSTER.but("vpcConfig.publicAccessCidrs", cidrs))

    assert any(found in message for message in messages)


def test_rejects_a_cluster_without_settings() -> None:
    """Without any setting, AWS opens the endpoint to the internet."""
    assert len(violations(RULE, CLUSTER.but("vpcConfig", {}))) == 1
