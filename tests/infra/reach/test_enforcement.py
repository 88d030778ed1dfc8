"""The switch by which a cluster enforces NetworkPolicies."""

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
def test_the_switch_of_auto_mode(name: Any, data: Any, verdict: Verdict) -> None:
    """A ConfigMap of that name with that key, on; one whose name is unknown may be it, if it has the key."""
    metadata = {"name": name, "namespace": "kube-system"}
    switch = made("kubernetes:core/v1:ConfigMap", "switch", {"metadata": metadata, "data": data})

    assert enforced(Graph([switch])) is verdict
