"""Each resource type of the program is in exactly one table of charges."""

from collections import Counter

import pytest

from infra.costs.kinds import BY_USE, FREE, NODE_POOL, PRICED
from infra.costs.quantities import quantities
from localcloud.aws.catalog import resource_types
from tests.support.worlds import WORLDS, World, recorded, world_of

TABLES = Counter([*PRICED, *BY_USE, *(type_ for types in FREE.values() for type_ in types)])
WIDE = {
    "region": "eu-central-1",
    "edge": {"domain": "api.example.com", "scheme": "internet-facing", "cloudfront": {"key": 1}},
    "services": {"shop": {"image": "app", "route": {"pathPrefix": "/shop"}}},
    "service": {"secrets": {"TOKEN": "abc"}},
}


def _types(world: World) -> list[str]:
    found = {each.type for each in world.recording.resources.values()}
    return sorted(each for each in found if not each.startswith(("pulumi:", "drydock:")))


@pytest.mark.parametrize("world", WORLDS)
def test_each_type_of_a_stack_is_in_one_table(world: str) -> None:
    """A new resource is priced, charged by use or free, and somebody decides which."""
    types = _types(world_of(world))

    assert {type_: TABLES[type_] for type_ in types} == dict.fromkeys(types, 1)


def test_each_type_of_a_stack_with_all_options_is_in_one_table() -> None:
    """With CloudFront and a second service."""
    types = _types(recorded(WIDE))

    assert "aws:cloudfront/distribution:Distribution" in types
    assert {type_: TABLES[type_] for type_ in types} == dict.fromkeys(types, 1)


@pytest.mark.parametrize("type_", list(resource_types()))
def test_each_type_of_the_local_cloud_is_in_one_table(type_: str) -> None:
    """They include those of options that no committed stack uses."""
    assert TABLES[type_] == 1


def test_no_type_is_in_two_tables() -> None:
    """Otherwise the first table would hide the other."""
    assert [type_ for type_, count in TABLES.items() if count > 1] == []


CHARGED_IF = {
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"vpcEndpointType": "Interface"},
    "kubernetes:core/v1:Service": {"spec": {"type": "LoadBalancer"}},
}
"""Types that are charged only with these properties."""


def test_each_priced_type_has_an_item() -> None:
    """Otherwise the estimate would count it as free without a word. Nodes have rules of their own."""
    without = [
        type_
        for type_ in PRICED
        if type_ != NODE_POOL and not list(quantities(type_, CHARGED_IF.get(type_, {}), zones=2))
    ]

    assert without == [], "add its item to infra/costs/quantities.py, and the price to infra/costs/prices.py"
