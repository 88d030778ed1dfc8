"""Paths that a change opens, on planned stacks."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.reach.openings import openings
from infra.reach.view import view_of
from infra.resources.resource import Resource
from tests.infra.reach.breaks import BREAKS, broken_stack
from tests.infra.reach.breaks.balancers import _public
from tests.infra.reach.test_unknown import all_places, without_knowing
from tests.infra.reach.wiring import Wiring
from tests.support.planned import planned, planned_stack
from tests.support.worlds import recorded

STACKS = ("dev", "staging", "prod")
NAMES = sorted(each.name for each in BREAKS)
SHOP = {"image": "app", "route": {"pathPrefix": "/shop"}}
PUBLIC = {"edge": {"domain": "api.example.com", "scheme": "internet-facing"}}
FRONTED = {"edge": {**PUBLIC["edge"], "cloudfront": {}}}
SHOP_PATH = "internet -> pods/shop-workload-deployment TCP 8080"
INTERNAL = {"edge": {"domain": "api.example.com"}}


def made(values: dict[str, Any]) -> list[Resource]:
    """Return the planned resources of a stack with these settings."""
    return planned(recorded({"region": "eu-central-1", **values}).recording)


def opened(before: list[Resource], after: list[Resource]) -> list[str]:
    """Return the opened paths as short texts."""
    return sorted(f"{each.source} -> {each.target} {each.port}" for each in openings(before, after))


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_opens_nothing_compared_with_itself(stack: str) -> None:
    """Neither the order of the resources nor the knowledge of ids matters."""
    resources = list(planned_stack(stack))
    shuffled = random.Random(7).sample(resources, len(resources))

    assert openings(resources, shuffled) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("the whole VPC may connect to the database", ["vpc -> database TCP 5432"]),
        (
            "the database's group lets it open connections",
            [
                "database -> kubernetes-api TCP 443",
                "database -> load-balancer TCP 443",
                "database -> load-balancer TCP 80",
            ],
        ),
        ("a database subnet has a private table", ["vpc -> internet TCP 443"]),
        (
            "policies are not switched on",
            [
                "nodes -> pods/server TCP 8080",
                "pods/migration -> load-balancer TCP 80",
                "pods/migration -> pods/server TCP 8080",
                "pods/other -> pods/server TCP 8080",
                "pods/server -> load-balancer TCP 80",
                "pods/worker -> load-balancer TCP 80",
                "pods/worker -> pods/server TCP 8080",
            ],
        ),
        (
            "the database is public, in subnets with a way out, and open to everybody",
            ["internet -> database TCP 5432", "vpc -> database TCP 5432"],
        ),
        ("the Kubernetes API answers the whole internet", ["internet -> kubernetes-api TCP 443"]),
        ("no policy lets pods ask DNS", []),
        ("no policy lets pods reach the database", []),
    ],
)
def test_a_break_opens_exactly_these_paths(name: str, expected: list[str]) -> None:
    """The way back opens none of them."""
    stack = next(each.stack for each in BREAKS if each.name == name)
    whole, broken = list(planned_stack(stack)), broken_stack(name)

    assert opened(whole, broken) == expected
    assert not set(opened(broken, whole)) & set(expected)


def test_a_public_load_balancer_lets_the_internet_in() -> None:
    """The pods behind it are named, too."""
    public = _public(Wiring(planned_stack("prod"))).resources
    expected = [
        "internet -> load-balancer TCP 443",
        "internet -> load-balancer TCP 80",
        "internet -> pods/server TCP 8080",
    ]

    assert opened(list(planned_stack("prod")), public) == expected
    assert opened(public, list(planned_stack("prod"))) == []


@pytest.mark.parametrize(
    ("edge", "expected"),
    [(PUBLIC, [SHOP_PATH]), (FRONTED, [SHOP_PATH]), (INTERNAL, [])],
)
def test_a_new_service_is_a_new_path_from_the_internet(edge: dict[str, Any], expected: list[str]) -> None:
    """Behind an internal load balancer it repeats the paths of the other service."""
    assert opened(made(edge), made({**edge, "services": {"shop": SHOP}})) == expected


def test_cloudfront_in_front_of_a_public_load_balancer_opens_nothing() -> None:
    """The internet reached the pods before; without CloudFront the load balancer itself is open."""
    assert opened(made(PUBLIC), made(FRONTED)) == []
    assert opened(made(FRONTED), made(PUBLIC))[:3] == [
        "internet -> load-balancer TCP 443",
        "internet -> load-balancer TCP 80",
        "nodes -> load-balancer TCP 443",
    ]


def test_a_change_that_concerns_no_path_is_not_analysed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another image is the most frequent change; another label may change what a policy selects."""
    analysed: list[int] = []
    monkeypatch.setattr("infra.reach.openings.view_of", lambda found: analysed.append(1) or view_of(found))
    whole = list(planned_stack("prod"))
    key = "Deployment:workload-deployment"

    def spec(properties: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = properties["spec"]["template"]
        return found

    release = Wiring(whole).change(key, lambda p: spec(p)["spec"]["containers"][0].update(image="api:2"))
    assert opened(whole, release.resources) == []
    assert analysed == []

    for change in (
        lambda p: spec(p)["metadata"]["labels"].update(team="a"),
        lambda p: spec(p)["spec"].update(hostNetwork=True),
        lambda p: spec(p)["spec"]["containers"][0].update(ports=[{"containerPort": 9}]),
        lambda p: p["metadata"].update(namespace="other"),
    ):
        opened(whole, Wiring(whole).change(key, change).resources)
    assert len(analysed) == 8


@pytest.mark.parametrize("edge", [PUBLIC, INTERNAL])
def test_a_new_zone_repeats_the_paths_of_the_others(edge: dict[str, Any]) -> None:
    """Its subnets have the same routes and groups."""
    two, three = ({"network": {"availabilityZones": zones}} for zones in (["a", "b"], ["a", "b", "c"]))

    assert opened(made({**edge, **two}), made({**edge, **three})) == []


def test_another_port_of_the_pods_is_no_additional_path() -> None:
    """The old one is closed at the same time."""
    assert (
        opened(
            made({**PUBLIC, "services": {"shop": SHOP}}), made({**PUBLIC, "services": {"shop": {**SHOP, "port": 9000}}})
        )
        == []
    )


@pytest.mark.parametrize("stack", STACKS)
@settings(max_examples=5)
@given(data=st.data())
def test_a_value_that_is_or_was_unknown_opens_nothing(stack: str, data: st.DataObject) -> None:
    """Whichever property of the network it is."""
    whole = list(planned_stack(stack))
    less = without_knowing(stack, data.draw(st.sampled_from(all_places(stack))))

    assert opened(whole, less) == []
    assert opened(less, whole) == []
