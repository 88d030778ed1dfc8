"""Unknown values in a preview lead to no finding, whichever property is unknown."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.reach.view import view_of
from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource
from tests.infra.reach.test_breaks import LAWS
from tests.support.planned import planned_stack

OF_THE_NETWORK = (
    "aws:ec2/",
    "aws:vpc/",
    "aws:eks/cluster:",
    "aws:rds/",
    "kubernetes:networking",
    "kubernetes:core/v1:Service",
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:core/v1:Namespace",
    "kubernetes:apps/",
    "kubernetes:batch/",
    "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding",
    "aws:lb/",
)
Place = tuple[int, tuple[Any, ...]]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield every property in a value, at any depth."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in entries:
        yield (*path, key)
        yield from places(each, (*path, key))


def all_places(stack: str) -> list[Place]:
    """Return every property of the network's resources, by the resource's index."""
    resources = enumerate(planned_stack(stack))
    return [
        (index, path)
        for index, each in resources
        if each.type.startswith(OF_THE_NETWORK)
        for path in places(each.properties)
    ]


def without_knowing(stack: str, place: Place) -> list[Resource]:
    """Return the stack with one property unknown and without its dependencies."""
    index, path = place
    resources = list(planned_stack(stack))
    properties = deepcopy(dict(resources[index].properties))
    inner: Any = properties
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = UNKNOWN
    dependencies = {key: urns for key, urns in resources[index].dependencies.items() if key != path[0]}
    resources[index] = replace(resources[index], properties=properties, dependencies=dependencies)
    return resources


@settings(max_examples=40)
@given(st.data())
def test_an_unknown_property_gives_no_finding(data: st.DataObject) -> None:
    """Tested are a stack without NAT gateways, which needs every endpoint, and one with them."""
    stack = data.draw(st.sampled_from(["local", "prod"]))
    place = data.draw(st.sampled_from(all_places(stack)))

    view = view_of(without_knowing(stack, place))

    assert [each.finding for law in LAWS.values() for each in law(view)] == []


EDGE = ("aws:lb/", "kubernetes:core/v1:Service", "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding")


def test_an_unknown_property_of_the_load_balancer_gives_no_finding() -> None:
    """Each property of the load balancer, its listeners, its target group and its binding is unknown in turn."""
    planned = planned_stack("prod")
    edge = [place for place in all_places("prod") if planned[place[0]].type.startswith(EDGE)]

    broken = {
        (planned[place[0]].name, *place[1]): findings
        for place in edge
        if (
            findings := [each.finding for law in LAWS.values() for each in law(view_of(without_knowing("prod", place)))]
        )
    }

    assert len(edge) > 90
    assert broken == {}
