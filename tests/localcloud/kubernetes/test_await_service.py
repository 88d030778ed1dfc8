"""When a Service has its address."""

import pytest

from localcloud.kubernetes import await_service
from localcloud.kubernetes.verdict import Failed, Ready, Verdict, Waiting


@pytest.mark.parametrize(
    ("kind", "ingress", "verdict"),
    [
        ("ClusterIP", [], Ready()),
        ("LoadBalancer", [], Waiting("waiting for the load balancer's address")),
        ("LoadBalancer", [{}], Waiting("waiting for the load balancer's address")),
        ("LoadBalancer", [{"hostname": "a.elb.amazonaws.com"}], Ready()),
        ("LoadBalancer", [{"ip": "127.0.0.1"}], Ready()),
    ],
)
def test_a_service(kind: str, ingress: list[dict[str, str]], verdict: Verdict) -> None:
    """Only a load balancer is awaited."""
    found = {"spec": {"type": kind}, "status": {"loadBalancer": {"ingress": ingress}}}

    assert await_service.assess([found]) == verdict


def test_what_somebody_deletes_meanwhile_has_failed() -> None:
    """It will not come back by waiting."""
    assert await_service.assess([]) == Failed("it was deleted meanwhile")
