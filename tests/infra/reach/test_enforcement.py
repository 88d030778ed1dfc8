"""The ConfigMap that makes an EKS Auto Mode cluster enforce NetworkPolicies."""

from typing import Any

import pytest

from infra.reach.enforcement import enforced
from infra.reach.graph import Graph
from infra.reach.verdict import Verdict
from infra.resources.properties import UNKNOWN
from tests.infra.reach.wiring import made


@pytest.mark.parametrize(
    ("name", "data", "verdict"),
    [
        ("amazon-vpc-cni", {"enable-network-policy-controller": "true"}, Verdict.YES),
        ("amazon-vpc-cni", {"enable-network-policy-controller": "false"}, Verdict.NO),
        ("amazon-vpc-cni", {}, Verdict.NO),
        ("amazon-vpc-cni", UNKNOWN, Verdict.UNKNOWN),
        ("other", {"enable-network-policy-controller": "true"}, Verdict.NO),
        (UNKNOWN, {"enable-network-policy-controller": "true"}, Verdict.UNKNOWN),
        (UNKNOWN, {"LOG_LEVEL": "info"}, Verdict.NO),
    ],
)
def test_the_config_map_enables_network_policies(name: Any, data: Any, verdict: Verdict) -> None:
    """It needs this name and this key; with an unknown name it may be the one if it has the key."""
    metadata = {"name": name, "namespace": "kube-system"}
    switch = made("kubernetes:core/v1:ConfigMap", "switch", {"metadata": metadata, "data": data})

    assert enforced(Graph([switch])) is verdict
