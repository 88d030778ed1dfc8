"""The diagram of a stack shows the planned resources, and an arrow exactly where traffic is allowed."""

from collections.abc import Sequence
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from infra.picture.architecture import architecture
from infra.resources.resource import Resource
from stacks.settings import read_stack_file, stack_names
from tests.support.builders import ROOT
from tests.support.planned import planned_stack

SVG = "{http://www.w3.org/2000/svg}"


def texts(resources: Sequence[Resource], stack: str = "prod") -> list[str]:
    """Return every text of the diagram, including tooltips."""
    root = ElementTree.fromstring(architecture(resources, stack))
    return [each.text or "" for tag in ("text", "title") for each in root.iter(SVG + tag)]


def arrows(resources: Sequence[Resource]) -> set[str]:
    """Return source and target of each arrow, from the tooltips."""
    return {each.partition(" (")[0] for each in texts(resources) if " -> " in each}


def without(*names: str) -> list[Resource]:
    """Return the plan of prod without the resources with these names."""
    left = [each for each in planned_stack("prod") if each.name not in names]
    assert len(left) == len(planned_stack("prod")) - len(names)
    return left


@pytest.mark.parametrize("stack", stack_names(ROOT))
def test_draws_every_stack(stack: str) -> None:
    """The diagram has the stack's name, its workloads, database and queue."""
    found = texts(planned_stack(stack), stack)

    assert f"The stack {stack}" in found
    assert {"Load balancer", "Server", "Worker", "Migration", "PostgreSQL", "SQS"} <= set(found)


def test_has_an_arrow_for_each_kind_of_traffic() -> None:
    """The arrows go from clients to the database, and from the cluster to what it uses."""
    assert arrows(planned_stack("prod")) == {
        "vpc -> load-balancer",
        "load-balancer -> pods/server",
        "pods/server -> database",
        "pods/worker -> database",
        "pods/migration -> database",
        "pods/worker -> queue",
        "nodes -> registry",
        "pods/server -> internet",
        "NAT gateway -> internet",
    }


@pytest.mark.parametrize(
    ("removed", "gone"),
    [
        (
            ["database-access-clients"],
            {"pods/server -> database", "pods/worker -> database", "pods/migration -> database"},
        ),
        (["edge-to-pods"], {"load-balancer -> pods/server"}),
    ],
)
def test_has_no_arrow_where_traffic_is_refused(removed: list[str], gone: set[str]) -> None:
    """Without a rule of a security group, its arrows are missing."""
    left = [each for each in planned_stack("prod") if each.name not in removed]

    assert arrows(planned_stack("prod")) - arrows(left) == gone


def test_counts_the_resources_of_the_plan() -> None:
    """The numbers of subnets, zones, keys, alarms and pods are those of the plan."""
    found = texts(planned_stack("prod"))
    fewer = texts(without("alarms-slow", "jobs-key"))

    assert {"3 private subnets", "3, one in each zone", "6 keys", "9 alarms", "3 to 20 pods, scaled by CPU"} <= set(
        found
    )
    assert {"5 keys", "8 alarms"} <= set(fewer)


def test_lists_the_vpc_endpoints_of_the_stack() -> None:
    """S3 always has a gateway endpoint; its interface endpoint is not listed again."""
    for stack in ("dev", "prod"):
        listed = {*read_stack_file(ROOT / f"Pulumi.{stack}.yaml").network.interface_endpoints, "s3"}
        assert ", ".join(sorted(listed)) in texts(planned_stack(stack), stack)
    again = [replace(each, name="again") for each in planned_stack("dev") if each.name == "network-s3"]
    assert texts([*planned_stack("dev"), *again], "dev") == texts(planned_stack("dev"), "dev")
