"""The subnets, NAT gateways and routes of a Network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network

import pulumi
from pulumi_aws import ec2

from components._cidrs import ZoneCidrs
from components._network_args import NatStrategy, NetworkArgs

ANYWHERE = "0.0.0.0/0"
# EKS finds the subnets of its load balancers by these tags.
PUBLIC_TAGS = {"kubernetes.io/role/elb": "1"}
PRIVATE_TAGS = {"kubernetes.io/role/internal-elb": "1"}


@dataclass(kw_only=True)
class Subnets:
    """The created subnets by tier, each in the order of the zones."""

    public: list[ec2.Subnet] = field(default_factory=list)
    private: list[ec2.Subnet] = field(default_factory=list)
    database: list[ec2.Subnet] = field(default_factory=list)
    private_tables: list[ec2.RouteTable] = field(default_factory=list)
    routes: list[pulumi.Resource] = field(default_factory=list)
    """Routes and associations, without which a subnet is not usable."""

    @property
    def public_ids(self) -> pulumi.Output[list[str]]:
        """Ids of the public subnets."""
        return _ids(self.public)

    @property
    def private_ids(self) -> pulumi.Output[list[str]]:
        """Ids of the private subnets."""
        return _ids(self.private)

    @property
    def database_ids(self) -> pulumi.Output[list[str]]:
        """Ids of the database subnets."""
        return _ids(self.database)


@dataclass(frozen=True, kw_only=True)
class _Builder:
    name: str
    vpc_id: pulumi.Output[str]
    region: str
    child: pulumi.ResourceOptions
    made: Subnets = field(default_factory=Subnets)

    def subnet(self, tier: str, zone: str, cidr: IPv4Network, tags: dict[str, str]) -> ec2.Subnet:
        name = f"{self.name}-{tier}-{zone}"
        return ec2.Subnet(
            name,
            vpc_id=self.vpc_id,
            cidr_block=str(cidr),
            availability_zone=f"{self.region}{zone}",
            # No public addresses by default; load balancers and NAT gateways have their own.
            map_public_ip_on_launch=False,
            tags={"Name": name, **tags},
            opts=self.child,
        )

    def table(self, role: str) -> ec2.RouteTable:
        name = f"{self.name}-{role}"
        return ec2.RouteTable(name, vpc_id=self.vpc_id, tags={"Name": name}, opts=self.child)

    def associate(self, tier: str, zone: str, subnet: ec2.Subnet, table: ec2.RouteTable) -> None:
        self.made.routes.append(
            ec2.RouteTableAssociation(
                f"{self.name}-{tier}-{zone}", subnet_id=subnet.id, route_table_id=table.id, opts=self.child
            )
        )

    def nat_gateway(self, zone: str, subnet: ec2.Subnet) -> ec2.NatGateway:
        name = f"{self.name}-nat-{zone}"
        address = ec2.Eip(name, domain="vpc", tags={"Name": name}, opts=self.child)
        return ec2.NatGateway(
            name,
            allocation_id=address.allocation_id,
            subnet_id=subnet.id,
            tags={"Name": name},
            # The gateway needs the default route of its own subnet, and must be deleted before it.
            opts=pulumi.ResourceOptions.merge(self.child, pulumi.ResourceOptions(depends_on=self.made.routes[:])),
        )


def make_subnets(
    name: str, args: NetworkArgs, plan: Sequence[ZoneCidrs], vpc_id: pulumi.Output[str], child: pulumi.ResourceOptions
) -> Subnets:
    """Create the three tiers in each zone of the plan, with NAT gateways according to `nat_strategy`."""
    builder = _Builder(name=name, vpc_id=vpc_id, region=args.region, child=child)
    made = builder.made
    gateway = ec2.InternetGateway(f"{name}-igw", vpc_id=vpc_id, tags={"Name": name}, opts=child)
    public, database = builder.table("public"), builder.table("database")
    made.routes.append(
        ec2.Route(
            f"{name}-public",
            route_table_id=public.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=child,
        )
    )
    for zone in plan:
        made.public.append(builder.subnet("public", zone.zone, zone.public, PUBLIC_TAGS))
        builder.associate("public", zone.zone, made.public[-1], public)
    nats = {
        zone.zone: builder.nat_gateway(zone.zone, subnet)
        for zone, subnet in zip(plan, made.public, strict=True)
        if zone.zone in _nat_zones(args.zones, args.nat_strategy)
    }

    for zone in plan:
        made.database.append(builder.subnet("database", zone.zone, zone.database, {}))
        builder.associate("database", zone.zone, made.database[-1], database)
        made.private.append(builder.subnet("private", zone.zone, zone.private, PRIVATE_TAGS))
        table = builder.table(f"private-{zone.zone}")
        made.private_tables.append(table)
        builder.associate("private", zone.zone, made.private[-1], table)
        if nats:
            nat = nats.get(zone.zone) or next(iter(nats.values()))
            made.routes.append(
                ec2.Route(
                    f"{name}-private-{zone.zone}",
                    route_table_id=table.id,
                    destination_cidr_block=ANYWHERE,
                    nat_gateway_id=nat.id,
                    opts=child,
                )
            )
    return made


def _nat_zones(zones: Sequence[str], strategy: NatStrategy) -> Sequence[str]:
    """Return the zones with a NAT gateway; a single one is in the first zone, so adding zones does not move it."""
    return zones[: {"none": 0, "single": 1, "per-az": len(zones)}[strategy]]


def _ids(subnets: Sequence[ec2.Subnet]) -> pulumi.Output[list[str]]:
    return pulumi.Output.all(*(subnet.id for subnet in subnets)).apply(list)
