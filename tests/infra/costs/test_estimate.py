"""Laws of estimates: sums, ranges, and what must never cost less. On recorded plans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.costs.estimate import Estimate, component_of, estimate
from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource
from stacks.settings import read_stack_file
from tests.infra.costs.edits import AUTOSCALER, DATABASE, LOAD_BALANCER, changed, requesting, specified
from tests.support.builders import ROOT
from tests.support.planned import planned, planned_stack
from tests.support.sdk import inputs_of
from tests.support.stacks import without_services
from tests.support.worlds import WORLDS, recorded, world_of

STACKS = ["dev", "staging", "prod"]
stacks = st.sampled_from(STACKS)


def _counts(found: Estimate) -> dict[str, tuple[float, float]]:
    counts: dict[str, tuple[float, float]] = {}
    for charge in found.charges:
        rest, most = counts.get(charge.what, (0, 0))
        counts[charge.what] = (rest + charge.rest, most + charge.most)
    return counts


def _reasons(found: Estimate) -> dict[str, str]:
    return {each.what: each.reason for each in found.not_priced}


def test_counts_the_resources_of_each_stack() -> None:
    """The expected counts follow from the stack files: zones, NAT gateways, endpoints, standby, storage, replicas.

    They are those without `drydock:services`.
    """
    dev, prod = (_counts(estimate(planned(without_services(stack)))) for stack in ("dev", "prod"))

    assert (dev["NAT gateway"], prod["NAT gateway"]) == ((1, 1), (3, 3))
    assert prod["public IPv4 address"] == (3, 3)
    endpoints = 3 * len(read_stack_file(ROOT / "Pulumi.prod.yaml").network.interface_endpoints)
    assert prod["interface endpoint, a zone"] == (endpoints, endpoints)
    assert (dev["PostgreSQL on db.t4g.medium"], prod["PostgreSQL on db.m7g.large"]) == ((1, 1), (2, 2))
    assert dev["gp3 storage of the database, a GiB"] == (20, 100)
    assert prod["gp3 storage of the database, a GiB"] == (200, 1000)
    assert (dev["node, 2 vCPUs and 8 GiB"], prod["node, 2 vCPUs and 8 GiB"]) == ((2, 2), (3, 7))
    assert prod["EKS Auto Mode, a node"] == (3, 7)
    assert prod["volume of a node, a GiB"] == (240, 560)
    assert (dev["EKS control plane"], dev["web ACL"], dev["application load balancer"]) == ((1, 1), (1, 1), (1, 1))
    # The one of the service, and the one of the master user, which RDS makes.
    assert dev["secret"] == (2, 2)
    assert dev["metric of an alarm"] == (9, 9)


@pytest.mark.parametrize("world", WORLDS)
def test_the_total_is_the_sum_of_its_parts(world: str) -> None:
    """By component and by resource, at rest and at most, and never less at most than at rest."""
    found = estimate(planned(world_of(world).recording))
    by_component = [charge for charges in found.components.values() for charge in charges]
    urns = {charge.urn for charge in found.charges}
    by_resource = [sum(each.rest_usd for each in found.charges if each.urn == urn) for urn in urns]

    assert sorted(map(id, by_component)) == sorted(map(id, found.charges))
    assert found.rest == pytest.approx(sum(charge.rest_usd for charge in by_component))
    assert found.rest == pytest.approx(sum(by_resource))
    assert found.most == pytest.approx(sum(charge.most_usd for charge in by_component))
    assert all(0 < charge.rest <= charge.most for charge in found.charges)


@pytest.mark.parametrize("world", WORLDS)
def test_each_resource_is_accounted_for(world: str) -> None:
    """A charged resource has a charge or is listed as not priced; no type is missing in the tables."""
    resources = planned(world_of(world).recording)
    found = estimate(resources)
    listed = {each.urn for each in found.not_priced}

    assert [each.what for each in found.not_priced if "kinds.py" in each.reason] == []
    for charge_type in ("aws:eks/cluster:Cluster", "aws:rds/instance:Instance", "aws:kms/key:Key"):
        for each in resources:
            if each.type == charge_type:
                assert each.urn in listed | {charge.urn for charge in found.charges}, each.urn


@given(stacks, st.integers(1, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_more_replicas_never_cost_less(stack: str, least: int, more: int, room: int, more_room: int) -> None:
    """A higher minimum costs the same or more at rest, and a higher maximum the same or more at most."""
    few = estimate(specified(planned_stack(stack), AUTOSCALER, minReplicas=least, maxReplicas=least + room))
    many = estimate(
        specified(
            planned_stack(stack), AUTOSCALER, minReplicas=least + more, maxReplicas=least + more + room + more_room
        )
    )

    assert few.rest <= many.rest
    assert few.most <= many.most


@given(stacks, st.integers(20, 500), st.integers(0, 500), st.integers(0, 500))
def test_more_storage_never_costs_less(stack: str, size: int, more: int, room: int) -> None:
    """Also if the maximum is below the size, which RDS refuses."""
    small = estimate(changed(planned_stack(stack), DATABASE, allocatedStorage=size, maxAllocatedStorage=room))
    large = estimate(changed(planned_stack(stack), DATABASE, allocatedStorage=size + more, maxAllocatedStorage=room))

    assert small.rest <= large.rest
    assert small.rest <= small.most <= large.most


@given(stacks, st.integers(50, 1500), st.integers(0, 1500), st.integers(64, 6000), st.integers(0, 6000))
def test_larger_requests_never_cost_less(stack: str, cpu: int, more_cpu: int, memory: int, more_memory: int) -> None:
    """Nodes hold what pods request."""
    small = estimate(requesting(planned_stack(stack), cpu=f"{cpu}m", memory=f"{memory}Mi"))
    large = estimate(requesting(planned_stack(stack), cpu=f"{cpu + more_cpu}m", memory=f"{memory + more_memory}Mi"))

    assert (small.rest, small.most) <= (large.rest, large.most)


@pytest.mark.parametrize("strategy", ["single", "per-az"])
def test_another_zone_never_costs_less(strategy: str) -> None:
    """NAT gateways, endpoints and nodes are in each zone."""
    costs = [
        estimate(planned(recorded(_in_zones(zones, strategy)).recording)) for zones in (["a", "b"], ["a", "b", "c"])
    ]

    assert costs[0].rest < costs[1].rest
    assert costs[0].most <= costs[1].most


def _in_zones(zones: list[str], strategy: str) -> dict[str, object]:
    return {
        "region": "eu-central-1",
        "network": {"availabilityZones": zones, "natStrategy": strategy},
        "edge": {"domain": "api.example.com"},
    }


def test_a_standby_doubles_the_database() -> None:
    """Instance and storage cost twice as much, and all else costs the same."""
    alone, both = (estimate(changed(planned_stack("prod"), DATABASE, multiAz=value)) for value in (False, True))
    parts = ("PostgreSQL on db.m7g.large", "gp3 storage of the database, a GiB")

    (instance, storage), doubled = ([_counts(each)[part][0] for part in parts] for each in (alone, both))
    assert doubled == [2 * instance, 2 * storage]
    assert both.rest - alone.rest == pytest.approx(199 / 1000 * 730 + 100 * 0.137)


def test_an_internet_facing_load_balancer_has_an_address_in_each_zone() -> None:
    """AWS charges for each public IPv4 address."""
    public = estimate(changed(planned_stack("prod"), LOAD_BALANCER, internal=False))

    assert _counts(public)["public IPv4 address"] == (3 + 3, 3 + 3)


@pytest.mark.parametrize(
    ("type_", "values", "what", "reason"),
    [
        (DATABASE, {"instanceClass": "db.r9z.large"}, "PostgreSQL on db.r9z.large", "no price in eu-central-1"),
        (DATABASE, {"instanceClass": UNKNOWN}, "PostgreSQL on unknown", "no price in eu-central-1"),
        (DATABASE, {"engine": "mysql"}, "mysql on db.m7g.large", "no price in eu-central-1"),
        (DATABASE, {"storageType": "io2"}, "io2 storage of the database, a GiB", "no price in eu-central-1"),
        (DATABASE, {"allocatedStorage": UNKNOWN}, "gp3 storage of the database, a GiB", "unknown before"),
        (DATABASE, {"multiAz": UNKNOWN}, "PostgreSQL on db.m7g.large", "unknown before"),
        (DATABASE, {"iops": 12000.0}, "provisioned IOPS of the database", "no price in eu-central-1"),
        (LOAD_BALANCER, {"loadBalancerType": "network"}, "network load balancer", "no price in eu-central-1"),
        (LOAD_BALANCER, {"internal": UNKNOWN}, "public IPv4 address", "unknown before"),
        ("aws:wafv2/webAcl:WebAcl", {"rules": UNKNOWN}, "rule of a web ACL", "unknown before"),
        (
            "aws:ec2/vpcEndpoint:VpcEndpoint",
            {"vpcEndpointType": "GatewayLoadBalancer"},
            "gatewayloadbalancer endpoint, a zone",
            "no price in eu-central-1",
        ),
        (
            "kubernetes:core/v1:Service",
            {"spec": {"type": "LoadBalancer"}},
            "load balancer of a Kubernetes Service",
            "no price in eu-central-1",
        ),
    ],
)
def test_lists_what_has_no_price(type_: str, values: dict[str, object], what: str, reason: str) -> None:
    """It is not part of the total, and never counted as nothing."""
    found = estimate(changed(planned_stack("prod"), type_, **values))

    assert reason in _reasons(found)[what]
    assert what not in _counts(found) or what == "public IPv4 address"


def test_lists_a_type_without_an_entry() -> None:
    """A new type is visible before somebody adds it to the tables."""
    resource = Resource(type="aws:eks/nodeGroup:NodeGroup", name="n", urn="urn:pulumi:s::p::t::n", properties={})

    assert [(each.urn, each.what) for each in estimate([resource]).not_priced] == [
        ("urn:pulumi:s::p::t::n", "aws:eks/nodeGroup:NodeGroup")
    ]


def test_a_stack_of_another_region_has_no_prices() -> None:
    """The reason names the region, and nothing is charged."""
    subnet = "aws:ec2/subnet:Subnet"
    found = estimate(changed(planned_stack("prod"), subnet, availabilityZone="us-east-1a"))

    assert (found.region, found.rest, found.charges) == ("us-east-1", 0, ())
    assert set(_reasons(found).values()) == {"infra/costs/prices.py has no price in us-east-1"}
    assert {"NAT gateway", "node, 2 vCPUs and 8 GiB", "KMS key"} <= set(_reasons(found))


def test_a_stack_without_charged_resources_costs_nothing() -> None:
    """Neither an empty plan nor a VPC alone has a cost."""
    vpc = Resource(type="aws:ec2/vpc:Vpc", name="vpc", urn="urn:pulumi:s::p::aws:ec2/vpc:Vpc::vpc", properties={})

    for found in (estimate([]), estimate([vpc])):
        assert (found.rest, found.charges, found.by_use, found.not_priced) == (0, (), (), ())


def test_names_what_is_charged_by_use() -> None:
    """With the number of resources, also of those that have a fixed charge too."""
    by_use = {type_: (what, count) for type_, what, count in estimate(planned(without_services("prod"))).by_use}

    assert by_use["aws:ec2/natGateway:NatGateway"] == ("GB of traffic", 3)
    assert by_use["aws:sqs/queue:Queue"] == ("requests", 2)
    assert "aws:ec2/eip:Eip" not in by_use


UNTAGGED: set[str] = set()
"""Charged types without the property `tags`."""


@pytest.mark.parametrize("stack", STACKS)
def test_each_charged_aws_resource_takes_the_tags_of_the_provider(stack: str) -> None:
    """Cost allocation by tag covers all of them; resources without tags, such as rules, cost nothing."""
    resources = planned_stack(stack)
    urns = {charge.urn for charge in estimate(resources).charges}
    charged = [each for each in resources if each.type.startswith("aws:") and each.urn in urns]

    assert len({each.type for each in charged}) >= 7
    without = {each.type for each in charged if "tags" not in inputs_of(each.type)}
    known = UNTAGGED & {each.type for each in charged}
    assert without == known, "the provider cannot tag this type; add it to UNTAGGED, where cost tags miss it"


@pytest.mark.parametrize(
    ("urn", "component"),
    [
        ("urn:pulumi:prod::drydock::drydock:edge:Edge$aws:wafv2/webAcl:WebAcl::edge-firewall", "Edge"),
        ("urn:pulumi:prod::drydock::drydock:a:Outer$drydock:b:Inner$aws:kms/key:Key::k", "Outer"),
        ("urn:pulumi:prod::drydock::pulumi:pulumi:Stack$aws:kms/key:Key::k", "stack"),
        ("urn:pulumi:prod::drydock::aws:kms/key:Key::k", "stack"),
    ],
)
def test_finds_the_component_of_a_resource(urn: str, component: str) -> None:
    """It is the outermost one; a resource without one belongs to the stack."""
    assert component_of(urn) == component
