"""When a Service is ready."""

from typing import Any

import pytest

from localcloud.kubernetes import await_service
from localcloud.kubernetes.verdict import Failed, Ready, Verdict, Waiting

ADDRESS_PENDING = Waiting("waiting for the load balancer's address")
READY_POD = {"subsets": [{"addresses": [{"ip": "10.0.0.1"}]}]}
UNREADY_PODS = {
    "subsets": [
        {"addresses": [{"ip": "10.0.0.1"}], "notReadyAddresses": [{"ip": "10.0.0.2"}]},
        {"notReadyAddresses": [{"ip": "10.0.0.3"}]},
    ]
}


@pytest.mark.parametrize(
    ("kind", "ingress", "verdict"),
    [
        ("ClusterIP", [], Ready()),
        ("LoadBalancer", [], ADDRESS_PENDING),
        ("LoadBalancer", [{}], ADDRESS_PENDING),
        ("LoadBalancer", [{"hostname": "a.elb.amazonaws.com"}], Ready()),
        ("LoadBalancer", [{"ip": "127.0.0.1"}], Ready()),
    ],
)
def test_a_load_balancer_needs_an_address(kind: str, ingress: list[dict[str, str]], verdict: Verdict) -> None:
    found = {"spec": {"type": kind}, "status": {"loadBalancer": {"ingress": ingress}}}

    assert await_service.assess([found], []) == verdict


@pytest.mark.parametrize(
    ("endpoints", "verdict"),
    [
        ([], Waiting("waiting for the endpoints controller")),
        ([{}], Ready()),
        ([{"subsets": None}], Ready()),
        ([READY_POD], Ready()),
        ([UNREADY_PODS], Waiting("2 of its pods not ready")),
    ],
)
def test_selected_pods_have_to_be_ready(endpoints: list[dict[str, Any]], verdict: Verdict) -> None:
    assert await_service.assess([{"spec": {"selector": {"app": "shop"}}}], endpoints) == verdict


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"selector": {}},
        {"selector": {"app": "shop"}, "clusterIP": "None"},
        {"selector": {"app": "shop"}, "type": "ExternalName"},
    ],
)
def test_other_services_do_not_depend_on_pods(spec: dict[str, Any]) -> None:
    assert await_service.assess([{"spec": spec}], [UNREADY_PODS]) == Ready()


def test_a_deleted_service_has_failed() -> None:
    assert await_service.assess([], []) == Failed("it was deleted meanwhile")
