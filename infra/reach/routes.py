"""Route tables: their associated subnets, and the targets of traffic.

The most specific matching route applies; the route of a gateway endpoint is more specific than the default route:
https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html.
A subnet without an association uses the main route table of its VPC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from ipaddress import IPv4Network
from typing import Any

from infra.reach.addresses import block, public
from infra.reach.graph import Graph
from infra.reach.security_groups import ENDPOINT, service_of
from infra.reach.verdict import Verdict
from infra.resources.properties import UNKNOWN, items, mapping
from infra.resources.resource import Resource

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
TABLE = "aws:ec2/routeTable:RouteTable"
DEFAULT_TABLE = "aws:ec2/defaultRouteTable:DefaultRouteTable"
ROUTE = "aws:ec2/route:Route"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
MAIN = "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
ATTACHMENT = "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment"
NAT = "aws:ec2/natGateway:NatGateway"
ENDPOINT_TABLE = "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"
GATEWAY_SERVICES = ("s3", "dynamodb")  # the services with gateway endpoints
# Target property of a route -> resource type of the target; None for targets that are not modelled.
TARGETS: Mapping[str, str | None] = {
    "gatewayId": GATEWAY,
    "natGatewayId": NAT,
    "vpcPeeringConnectionId": None,
    "transitGatewayId": None,
    "vpcEndpointId": None,
    "networkInterfaceId": None,
    "carrierGatewayId": None,
    "localGatewayId": None,
    "coreNetworkArn": None,
}


@dataclass(frozen=True, kw_only=True)
class Route:
    """One route of a table."""

    resource: Resource
    destination: IPv4Network | None
    """None if it is unknown or not an IPv4 block."""
    target: Resource | None
    """An internet gateway or a NAT gateway; None if it is of another kind or unknown."""
    local: bool = False
    listed: bool = False
    """Whether its destination is a prefix list, whose addresses are not in the plan."""


@dataclass(kw_only=True, eq=False)
class Table:
    """A route table with its routes and gateway endpoints."""

    name: str
    resource: Resource | None
    """None for a main route table created by AWS, which has the local route only."""
    associated: bool = True
    """Whether the table is associated with the subnet explicitly, rather than being the main table of the VPC."""
    routes: list[Route] = field(default_factory=list)
    endpoints: dict[str, Resource] = field(default_factory=dict)
    """Service, such as `s3` -> its gateway endpoint."""
    certain: bool = True
    """Whether `routes` is known to be complete."""
    more_endpoints: bool = False
    """Whether the table may have further gateway endpoints that are unknown."""

    def towards(self, destination: IPv4Network) -> Route | None:
        """Return the route for traffic to a whole CIDR block, without regard to the local route."""
        matching = [each for each in self.routes if each.destination and destination.subnet_of(each.destination)]
        return max(matching, key=_length, default=None)

    @cached_property
    def to_internet(self) -> Route | None:
        """The route for traffic to the internet; without a target if parts of the traffic have different targets."""
        whole = [self.towards(each) for each in public()]
        parts = [
            each
            for each in self.routes
            if each.listed or (each.destination and any(map(each.destination.subnet_of, public())))
        ]
        first = next((route for route in [*whole, *parts] if route), None)
        if first and any(route is None or route.target is not first.target for route in [*whole, *parts]):
            return replace(first, target=None)
        return first

    def leaving(self) -> list[Route]:
        """Return the routes to targets outside the VPC."""
        return [each for each in self.routes if not each.local]


class Tables:
    """All route tables of a plan."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._made = {each.urn: Table(name=each.name, resource=each) for each in graph.all(TABLE, DEFAULT_TABLE)}
        self._of_subnet: dict[str, Resource] = {}
        self._doubtful = False
        for each in graph.all(TABLE, DEFAULT_TABLE):
            for entry in items(each.properties.get("routes")):
                self._made[each.urn].routes.append(self._route(each, mapping(entry), "routes"))
        for each in graph.all(ROUTE):
            tables = graph.of(each, "routeTableId", TABLE, DEFAULT_TABLE)
            place = each.properties.get("destinationCidrBlock")
            for table in tables.found:
                self._made[table.urn].routes.append(self._route(each, each.properties))
                self._made[table.urn].certain &= place is not UNKNOWN
            if not tables.certain:
                for made in self._made.values():
                    made.certain = False
        for each in graph.all(ASSOCIATION):
            given = graph.of(each, "routeTableId", TABLE, DEFAULT_TABLE).only
            subnets = graph.of(each, "subnetId", SUBNET)
            self._doubtful |= given is None or not subnets.certain
            self._of_subnet |= {subnet.urn: given for subnet in subnets.found if given}
        self._read_endpoints()

    def of(self, subnet: Resource, vpc: Resource | None) -> Table:
        """Return the route table of a subnet: its own, or the main table of the VPC."""
        own = self._of_subnet.get(subnet.urn)
        if own:
            return self._made[own.urn]
        main = self._main(vpc)
        made = self._made.get(main.urn) if main else None
        return Table(
            name=made.name if made else f"the main one of {vpc.name if vpc else 'the VPC'}",
            resource=made.resource if made else None,
            associated=False,
            routes=made.routes if made else [],
            endpoints=made.endpoints if made else {},
            more_endpoints=made.more_endpoints if made else False,
            certain=not self._doubtful and (made is None or made.certain),
        )

    def attached(self, gateway: Resource, vpc: str) -> Verdict:
        """Return whether an internet gateway is attached to a VPC, which is required for traffic."""
        refs = [self._graph.of(gateway, "vpcId", VPC)]
        for each in self._graph.all(ATTACHMENT):
            if gateway in self._graph.of(each, "internetGatewayId", GATEWAY).found:
                refs.append(self._graph.of(each, "vpcId", VPC))
        if any(found.urn == vpc for one in refs for found in one.found):
            return Verdict.YES
        return Verdict.NO if vpc and all(one.certain for one in refs) else Verdict.UNKNOWN

    def _main(self, vpc: Resource | None) -> Resource | None:
        for each in self._graph.all(MAIN):
            if vpc in self._graph.of(each, "vpcId", VPC).found:
                return self._graph.of(each, "routeTableId", TABLE).only
        for each in self._graph.all(DEFAULT_TABLE):
            if vpc in self._graph.of(each, "defaultRouteTableId", VPC).found:
                return each
        return None

    def _route(self, resource: Resource, entry: dict[str, Any], at: str = "") -> Route:
        target = None
        for key, type_ in TARGETS.items():
            if type_ and entry.get(key):
                target = self._graph.of(resource, at or key, type_, value=entry[key]).only or target
        place = entry.get("destinationCidrBlock", entry.get("cidrBlock"))
        return Route(
            resource=resource,
            destination=block(place),
            target=target,
            local=entry.get("gatewayId") == "local",
            listed=entry.get("destinationPrefixListId") is not None,
        )

    def _read_endpoints(self) -> None:
        for each in self._graph.all(ENDPOINT):
            if each.properties.get("vpcEndpointType", "Gateway") in ("Gateway", UNKNOWN):
                tables = self._graph.of(each, "routeTableIds", TABLE, DEFAULT_TABLE)
                for table in tables.found:
                    self._made[table.urn].endpoints[service_of(each)] = each
                if not (tables.certain and service_of(each)):
                    for made in self._made.values():
                        made.more_endpoints = True
        for each in self._graph.all(ENDPOINT_TABLE):
            endpoint = self._graph.of(each, "vpcEndpointId", ENDPOINT).only
            for table in self._graph.of(each, "routeTableId", TABLE, DEFAULT_TABLE).found:
                if endpoint:
                    self._made[table.urn].endpoints[service_of(endpoint)] = endpoint


def _length(route: Route) -> int:
    return route.destination.prefixlen if route.destination else -1
