"""Route tables: the most specific route, the main table, and the targets of gateways."""

from ipaddress import IPv4Network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.reach.addresses import public
from infra.reach.ends import End
from infra.reach.network import Network
from infra.reach.paths import path
from infra.reach.port import Port
from infra.reach.routes import Route, Table
from infra.reach.verdict import Path, Verdict
from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource
from tests.infra.reach.small import EAST, SUBNET, VPC, WEST, subnets, urn
from tests.infra.reach.wiring import made

TABLE, ROUTE = "aws:ec2/routeTable:RouteTable", "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
GATEWAY, NAT = "aws:ec2/internetGateway:InternetGateway", "aws:ec2/natGateway:NatGateway"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
EVERYWHERE = {"destinationCidrBlock": "0.0.0.0/0"}
IGW = made(GATEWAY, "igw", vpcId=urn(VPC, "vpc"))
GIVEN_NAT = made(NAT, "nat", subnetId=urn(SUBNET, "east"))


def table(name: str, subnet: str | None = None) -> list[Resource]:
    """Return a route table, with the association of a subnet if one is given."""
    made_table = made(TABLE, name, vpcId=urn(VPC, "vpc"))
    if subnet is None:
        return [made_table]
    return [made_table, made(ASSOCIATION, subnet, subnetId=urn(SUBNET, subnet), routeTableId=made_table.urn)]


def route(name: str, properties: dict[str, Any] | None = None, **target: str) -> Resource:
    """Return a route of the table with this name."""
    return made(ROUTE, name, EVERYWHERE if properties is None else properties, routeTableId=urn(TABLE, name), **target)


def out(*resources: Resource, service: str = "", public_address: bool = False) -> Path:
    """Return the path of a connection from west to the internet, or to a service's public addresses."""
    network = Network([*subnets(), *resources])
    west = network.subnets[urn(SUBNET, "west")]
    source = End(
        place="west", addresses=west.addresses, subnet=west, public=Verdict.YES if public_address else Verdict.NO
    )
    return path(network, source, End(place="internet", addresses=public(), service=service), Port("TCP", 443))


PRIVATE = [*table("private", "west"), route("private", natGatewayId=GIVEN_NAT.urn), GIVEN_NAT]
PUBLIC = [*table("public", "east"), route("public", gatewayId=IGW.urn), IGW]


def test_a_nat_gateway_needs_a_route_to_an_internet_gateway() -> None:
    """The table of its subnet has to have a route to an attached internet gateway."""
    assert out(*PRIVATE, *PUBLIC).verdict is Verdict.YES
    assert out(*PRIVATE).verdict is Verdict.NO
    assert out(*PRIVATE, *table("public", "east"), IGW).verdict is Verdict.NO
    assert out(*PRIVATE, *PUBLIC[:-1], made(GATEWAY, "igw")).verdict is Verdict.NO
    private = made(NAT, "nat", {"connectivityType": "private"}, subnetId=urn(SUBNET, "east"))
    assert out(*PRIVATE[:-1], private, *PUBLIC).verdict is Verdict.NO


def test_an_internet_gateway_requires_a_public_address() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html."""
    way = [*table("open", "west"), route("open", gatewayId=IGW.urn), IGW]

    assert out(*way).verdict is Verdict.NO
    assert out(*way, public_address=True).verdict is Verdict.YES


def test_a_gateway_may_be_attached_by_a_separate_resource() -> None:
    """An InternetGatewayAttachment replaces the property `vpcId`."""
    igw = made(GATEWAY, "igw")
    attachment = made(
        "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
        "igw",
        internetGatewayId=igw.urn,
        vpcId=urn(VPC, "vpc"),
    )
    way = [*table("open", "west"), route("open", gatewayId=igw.urn), igw]

    assert out(*way, public_address=True).verdict is Verdict.NO
    assert out(*way, attachment, public_address=True).verdict is Verdict.YES


def test_a_gateway_endpoint_leads_to_its_service_only() -> None:
    """It applies to the route tables that it names."""
    endpoint = made(
        ENDPOINT,
        "s3",
        {"vpcEndpointType": "Gateway", "serviceName": "com.amazonaws.eu-central-1.s3"},
        routeTableIds=urn(TABLE, "closed"),
    )

    assert out(*table("closed", "west"), endpoint, service="s3").verdict is Verdict.YES
    assert out(*table("closed", "west"), endpoint, service="sqs").verdict is Verdict.NO
    assert out(*table("closed"), *table("other", "west"), endpoint, service="s3").verdict is Verdict.NO


def test_a_subnet_without_an_association_has_the_main_table() -> None:
    """AWS's main table has the local route only; another table may be made the main one."""
    assert out(*table("private"), *PRIVATE[2:], *PUBLIC).verdict is Verdict.NO
    main = made(
        "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
        "main",
        vpcId=urn(VPC, "vpc"),
        routeTableId=urn(TABLE, "private"),
    )
    assert out(*table("private"), *PRIVATE[2:], *PUBLIC, main).verdict is Verdict.YES


def test_reads_inline_routes() -> None:
    """The target of a route is found by its type among the dependencies of the list."""
    inline = {"routes": [{"cidrBlock": "0.0.0.0/0", "natGatewayId": UNKNOWN}]}
    private = made(TABLE, "private", inline, vpcId=urn(VPC, "vpc"))
    private.dependencies["routes"] = [GIVEN_NAT.urn]

    assert out(private, PRIVATE[1], GIVEN_NAT, *PUBLIC).verdict is Verdict.YES


@pytest.mark.parametrize(
    "properties",
    [EVERYWHERE | {"transitGatewayId": "tgw-1"}, EVERYWHERE | {"networkInterfaceId": UNKNOWN}, EVERYWHERE],
)
def test_a_route_to_a_target_that_is_not_modelled_is_unknown(properties: dict[str, Any]) -> None:
    """The answer is neither yes nor no."""
    assert out(*table("odd", "west"), route("odd", properties)).verdict is Verdict.UNKNOWN


def test_a_route_of_an_unknown_table_may_be_in_any() -> None:
    """A table without a route may have this one, so the answer is unknown."""
    stray = made(ROUTE, "stray", {**EVERYWHERE, "routeTableId": UNKNOWN}, gatewayId=IGW.urn)

    assert out(*table("closed", "west"), stray, IGW).verdict is Verdict.UNKNOWN


def test_routes_for_both_halves_of_the_internet_cover_it() -> None:
    """They have the same target. With one half only, the answer depends on the address."""
    halves = [{"destinationCidrBlock": half} for half in ("0.0.0.0/1", "128.0.0.0/1")]
    ways = [
        made(ROUTE, f"half-{i}", half, routeTableId=urn(TABLE, "private"), natGatewayId=GIVEN_NAT.urn)
        for i, half in enumerate(halves)
    ]

    assert out(*table("private", "west"), *ways, GIVEN_NAT, *PUBLIC).verdict is Verdict.YES
    assert out(*table("private", "west"), ways[0], GIVEN_NAT, *PUBLIC).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "properties",
    [{"destinationCidrBlock": "52.0.0.0/8"}, {"destinationPrefixListId": "pl-1"}, {"destinationPrefixListId": UNKNOWN}],
)
def test_a_more_specific_route_for_part_of_the_internet_is_unknown(properties: dict[str, Any]) -> None:
    """It has precedence, and its target is not modelled. Routes for private addresses do not matter here."""
    ways = [*PRIVATE, *PUBLIC]
    more = made(ROUTE, "part", {**properties, "transitGatewayId": "tgw-1"}, routeTableId=urn(TABLE, "private"))
    inside = made(
        ROUTE, "part", {"destinationCidrBlock": "10.9.0.0/16", "transitGatewayId": "t"}, routeTableId=more.urn
    )

    assert out(*ways, more).verdict is Verdict.UNKNOWN
    assert out(*table("private", "west"), more).verdict is Verdict.UNKNOWN
    assert out(*ways, inside).verdict is Verdict.YES


@pytest.mark.parametrize("way", [(WEST, EAST), (EAST, WEST)])
@pytest.mark.parametrize("asked", ["there", "back"])
def test_a_more_specific_route_than_the_local_one_is_unknown(way: tuple[str, str], asked: str) -> None:
    """It has precedence over the local route. For responses, the table of the target's subnet is used."""
    source, target = way
    owner, to = (source, target) if asked == "there" else (target, source)
    name = {WEST: "west", EAST: "east"}
    peered = made(
        ROUTE,
        "own",
        {"destinationCidrBlock": to, "vpcPeeringConnectionId": "pcx-1"},
        routeTableId=urn(TABLE, "own"),
    )
    network = Network([*subnets(), *table("own", name[owner]), peered])
    ends = [
        End(place=name[each], addresses=found.addresses, subnet=found)
        for each in way
        for found in [network.subnets[urn(SUBNET, name[each])]]
    ]

    found = path(network, ends[0], ends[1], Port("TCP", 5432))
    assert found.verdict is Verdict.UNKNOWN
    assert f"table own of {name[owner]}" in str(found.hops)


blocks = st.sampled_from(
    [IPv4Network(f"10.{i}.0.0/{length}", strict=False) for i in range(4) for length in (8, 14, 15, 16)]
)


@settings(max_examples=60)
@given(st.lists(blocks, max_size=5, unique=True), blocks)
def test_chooses_the_most_specific_route_that_covers_the_destination(
    routes: list[IPv4Network], destination: IPv4Network
) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html."""
    found = Table(
        name="t",
        resource=None,
        routes=[Route(resource=made(ROUTE, str(each)), destination=each, target=None) for each in routes],
    ).towards(destination)

    holding = [each for each in routes if set(_ends(destination)) <= {a for a in _ends(destination) if a in each}]
    assert (found.destination if found else None) == max(holding, key=lambda each: each.prefixlen, default=None)


def _ends(each: IPv4Network) -> tuple[Any, Any]:
    return each.network_address, each.broadcast_address
