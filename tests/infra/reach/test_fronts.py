"""A load balancer behind CloudFront: each way around the distribution is reported with a remedy."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from infra.policy.rules.network_exposure_limited import RULE
from infra.reach.laws.balancers import load_balancers_reach_pods
from infra.reach.laws.fronts import cloudfront_is_the_only_way
from infra.reach.view import view_of
from infra.resources.resource import Resource
from tests.infra.policy.judge import stack_violations
from tests.infra.reach.wiring import Wiring
from tests.support.planned import planned
from tests.support.worlds import recorded

SETTINGS: dict[str, Any] = {
    "region": "eu-central-1",
    "edge": {"domain": "api.example.com", "scheme": "internet-facing", "cloudfront": {}},
    "services": {"shop": {"image": "app", "route": {"pathPrefix": "/shop"}}},
}
INGRESS, LISTENER = "SecurityGroupIngressRule:edge-https-cloudfront", "Listener:edge-https"
RULES = ("ListenerRule:edge-https-cloudfront", "ListenerRule:shop-https")


@cache
def resources() -> tuple[Resource, ...]:
    return tuple(planned(recorded(SETTINGS).recording))


def _opened_to(cidr: str) -> Callable[[Wiring], object]:
    def change(properties: dict[str, Any]) -> None:
        del properties["prefixListId"]
        properties["cidrIpv4"] = cidr

    return lambda wiring: wiring.change(INGRESS, change)


def _forwarding(wiring: Wiring) -> Wiring:
    action = wiring[RULES[0]].properties["actions"]
    return wiring.change(LISTENER, lambda p: p.update(defaultActions=action))


def _by_another_header(wiring: Wiring) -> Wiring:
    return wiring.change(RULES[0], lambda p: p["conditions"][0]["httpHeader"].update(httpHeaderName="X-Other"))


def test_the_stack_has_no_finding() -> None:
    """Neither the laws nor the policy rule report the recorded plan."""
    view = view_of(resources())

    assert [*cloudfront_is_the_only_way(view), *load_balancers_reach_pods(view)] == []
    assert stack_violations(RULE, resources()) == []


@pytest.mark.parametrize(
    ("change", "at", "says"),
    [
        (_opened_to("0.0.0.0/0"), "edge-load-balancer", "the internet reaches it on TCP 443 beside CloudFront"),
        (_opened_to("203.0.113.0/24"), "edge-load-balancer", "the internet reaches it on TCP 443 beside CloudFront"),
        (_forwarding, "edge-https", "it forwards requests without the key"),
        (_by_another_header, "edge-https-cloudfront", "it forwards requests without the key"),
        *(
            (lambda w, rule=rule: w.change(rule, lambda p: p.update(conditions=[])), name, "requests without the key")
            for rule, name in zip(RULES, ("edge-https-cloudfront", "shop-https"), strict=True)
        ),
    ],
)
def test_reports_a_way_around_cloudfront(change: Callable[[Wiring], object], at: str, says: str) -> None:
    """The law and its policy rule report it."""
    wiring = Wiring(resources())
    change(wiring)

    found = list(cloudfront_is_the_only_way(view_of(wiring.resources)))
    assert [each for each in found if each.resource.name == at and says in each.finding and each.remedy], found
    assert any(says in each for each in stack_violations(RULE, wiring.resources))


def test_cloudfront_has_to_reach_the_load_balancer() -> None:
    """CloudFront is the client of the load balancer, instead of the internet."""
    wiring = Wiring(resources()).drop(INGRESS)

    [found] = load_balancers_reach_pods(view_of(wiring.resources))
    assert "cloudfront cannot reach load-balancer on TCP 443" in found.finding
