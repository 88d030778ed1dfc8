"""Monthly costs of the committed stacks, from their recorded plans."""

from copy import deepcopy
from dataclasses import replace

import pytest

from infra.costs.monthly import Line, UnknownPriceError, monthly, total
from infra.resources.resource import Resource
from tests.support.planned import planned_stack
from tests.support.sdk import inputs_of

DATABASE = "aws:rds/instance:Instance"


def _counts(stack: str) -> dict[str, int]:
    return {line.what: line.count for line in monthly(planned_stack(stack))}


def _with_database(**changes: object) -> list[Line]:
    return monthly(
        replace(each, properties={**each.properties, **changes}) if each.type == DATABASE else each
        for each in planned_stack("prod")
    )


def _usd(lines: list[Line], start: str) -> float:
    return sum(line.usd for line in lines if line.what.startswith(start))


def test_counts_the_resources_of_each_stack() -> None:
    """The expected counts follow from the stack files: zones, NAT gateways, endpoints, standby, storage."""
    dev, prod = _counts("dev"), _counts("prod")

    assert (dev["NAT gateway"], prod["NAT gateway"]) == (1, 3)
    assert prod["public IPv4 address"] == 3
    assert prod["interface endpoint, a zone"] == 9
    assert (dev["PostgreSQL on db.t4g.medium"], prod["PostgreSQL on db.m7g.large"]) == (1, 2)
    assert (dev["database storage, a GiB"], prod["database storage, a GiB"]) == (20, 200)
    assert (dev["node, 2 vCPUs and 8 GiB"], prod["node, 2 vCPUs and 8 GiB"]) == (2, 3)
    assert (dev["EKS control plane"], dev["web ACL"], dev["Application Load Balancer"]) == (1, 1, 1)


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_each_charged_aws_resource_takes_the_tags_of_the_provider(stack: str) -> None:
    """Cost allocation by tag covers all of them; resources without tags, such as rules, cost nothing."""
    planned = planned_stack(stack)
    whole = total(monthly(planned))
    charged = [
        each
        for each in planned
        if each.type.startswith("aws:") and total(monthly(other for other in planned if other is not each)) < whole
    ]

    assert len({each.type for each in charged}) >= 7
    assert [each.urn for each in charged if "tags" not in inputs_of(each.type)] == []


def test_a_standby_doubles_the_database() -> None:
    """Instance and storage cost twice as much, and all else costs the same."""
    alone, both = _with_database(multiAz=False), _with_database(multiAz=True)

    for start in ("PostgreSQL", "database storage"):
        assert _usd(both, start) == pytest.approx(2 * _usd(alone, start)) != 0
    assert total(both) - total(alone) == pytest.approx(_usd(alone, "PostgreSQL") + _usd(alone, "database storage"))


def test_counts_nodes_by_the_cpu_requests_of_pods() -> None:
    """At the autoscaler's minimum, 18 servers and 2 workers of half a core need 7 nodes."""
    scaled = [
        replace(each, properties={**each.properties, "spec": {**each.properties["spec"], "minReplicas": 18}})
        if each.type.endswith(":HorizontalPodAutoscaler")
        else each
        for each in planned_stack("prod")
    ]

    nodes = {line.what: line.count for line in monthly(scaled)}
    assert nodes["node, 2 vCPUs and 8 GiB"] == nodes["EKS Auto Mode, a node"] == 7
    assert nodes["volume of a node, a GiB"] == 7 * 80


@pytest.mark.parametrize(("requested", "nodes"), [("512Mi", 3), ("3Gi", 3), ("4Gi", 4), ("7Gi", 6), ("20Gi", 16)])
def test_counts_nodes_by_the_memory_requests_of_pods(requested: str, nodes: int) -> None:
    """5 pods at rest: 3 servers and 2 workers. A node has 6447 MiB for them, after the agents for logs."""
    changed = []
    for each in planned_stack("prod"):
        if each.type.endswith(":Deployment"):
            template = deepcopy(each.properties["spec"]["template"])
            template["spec"]["containers"][0]["resources"]["requests"]["memory"] = requested
            spec = {**each.properties["spec"], "template": template}
            changed.append(replace(each, properties={**each.properties, "spec": spec}))
        else:
            changed.append(each)

    assert {line.what: line.count for line in monthly(changed)}["node, 2 vCPUs and 8 GiB"] == nodes


def test_counts_pods_of_each_service_by_its_own_autoscaler() -> None:
    """A second service with a minimum of 30 pods adds 30 pods of half a core; the first one keeps its 3."""
    parts = ("Deployment::workload-deployment", "HorizontalPodAutoscaler::workload-autoscaler")
    planned = planned_stack("prod")
    more = []
    for each in planned:
        if each.urn.endswith(parts):
            spec = dict(each.properties["spec"])
            if "minReplicas" in spec:
                spec |= {"minReplicas": 30, "scaleTargetRef": {**spec["scaleTargetRef"], "name": "shop"}}
            metadata = {**each.properties["metadata"], "name": "shop"}
            more.append(replace(each, urn=f"{each.urn}-2", properties={"spec": spec, "metadata": metadata}))

    assert len(more) == 2
    # 3 servers, 2 workers and 30 more pods of 0.5 CPUs, on nodes with 1.9 CPUs, of which agents for logs use 0.3.
    assert {line.what: line.count for line in monthly([*planned, *more])}["node, 2 vCPUs and 8 GiB"] == 11


def test_an_internet_facing_load_balancer_has_an_address_in_each_zone() -> None:
    """AWS charges for each public IPv4 address."""
    public = [
        replace(each, properties={**each.properties, "internal": False}) if "LoadBalancer" in each.type else each
        for each in planned_stack("prod")
    ]

    counts = {line.what: line.count for line in monthly(public)}
    assert counts["public IPv4 address"] == 3 + 3


def test_refuses_an_instance_class_without_a_price() -> None:
    """The message lists the classes with a price; a table without the database would be wrong."""
    with pytest.raises(UnknownPriceError, match=r"no price for db\.r9z\.large; it has those of db\.t4g\.medium"):
        _with_database(instanceClass="db.r9z.large")


def test_a_stack_without_charged_resources_has_no_lines() -> None:
    """Neither an empty plan nor a VPC alone has a cost."""
    assert monthly([]) == []
    assert monthly([Resource(type="aws:ec2/vpc:Vpc", name="vpc", urn="u", properties={})]) == []
