"""Breaks of subnets, route tables, gateways and associations."""

from tests.infra.reach.breaks.model import NEEDS, TIERS, Break
from tests.infra.reach.wiring import made

ROUTE = "aws:ec2/route:Route"

BREAKS = [
    Break(
        name="a private subnet has no association",
        change=lambda w: w.drop("RouteTableAssociation:network-private-b"),
        law=TIERS,
        at="network-private-b",
        says="has no route table of its own",
        remedy="associate it with a route table that routes 0.0.0.0/0 to a NAT gateway",
    ),
    Break(
        name="a public subnet has no association",
        change=lambda w: w.drop("RouteTableAssociation:network-public-a"),
        law=TIERS,
        at="network-public-a",
        says="network-public-a is public and has no route table of its own",
        remedy="to an internet gateway",
    ),
    Break(
        name="a private subnet has the public table",
        change=lambda w: w.point(
            "RouteTableAssociation:network-private-a", "routeTableId", "RouteTable:network-public"
        ),
        law=TIERS,
        at="network-public",
        says="network-private-a is for nodes, and its table network-public leads to an internet gateway",
        remedy="lead it to a NAT gateway",
    ),
    Break(
        name="a private subnet has the database's table",
        change=lambda w: w.point(
            "RouteTableAssociation:network-private-c", "routeTableId", "RouteTable:network-database"
        ),
        law=TIERS,
        at="network-database",
        says="network-private-c is for nodes, and its table network-database has no route",
        remedy="to a NAT gateway",
    ),
    Break(
        name="a database subnet has a private table",
        change=lambda w: w.point(
            "RouteTableAssociation:network-database-a", "routeTableId", "RouteTable:network-private-a"
        ),
        law=TIERS,
        at="network-private-a",
        says="network-database-a is for databases, and its table network-private-a has a way out",
        remedy="remove the route",
    ),
    Break(
        name="the database's table has a route to the internet gateway",
        change=lambda w: w.add(
            made(
                ROUTE,
                "leak",
                {"destinationCidrBlock": "0.0.0.0/0"},
                routeTableId=w["RouteTable:network-database"].urn,
                gatewayId=w["InternetGateway:network-igw"].urn,
            )
        ),
        law=TIERS,
        at="leak",
        says="has a way out: 0.0.0.0/0 by leak",
        remedy="remove the route",
    ),
    Break(
        name="the public table has no route to the internet gateway",
        change=lambda w: w.drop("Route:network-public"),
        law=TIERS,
        at="network-public",
        says="has no route from 0.0.0.0/0 to an internet gateway",
        remedy="route 0.0.0.0/0 to an internet gateway",
    ),
    Break(
        name="a private table has no route to its NAT gateway",
        change=lambda w: w.drop("Route:network-private-b"),
        law=TIERS,
        at="network-private-b",
        says="its table network-private-b has no route from 0.0.0.0/0 to a NAT gateway",
        remedy="route 0.0.0.0/0 to a NAT gateway",
    ),
    Break(
        name="a NAT gateway is in a private subnet",
        change=lambda w: w.point("NatGateway:network-nat-a", "subnetId", "Subnet:network-private-a"),
        law=TIERS,
        at="cluster-eks",
        says="network-private-a is for network-nat-a (public) and for cluster-eks (nodes)",
        remedy="give each tier its own subnets",
    ),
    Break(
        name="the database's subnet group names private subnets",
        change=lambda w: w.point(
            "SubnetGroup:database-subnets", "subnetIds", "Subnet:network-private-a", "Subnet:network-private-b"
        ),
        law=TIERS,
        at="database-instance",
        says="network-private-a is for cluster-eks (nodes) and for database-instance (database)",
        remedy="give each tier its own subnets",
    ),
    Break(
        name="the cluster is in the public subnets",
        change=lambda w: w.point(
            "Cluster:cluster-eks", "vpcConfig", "Subnet:network-public-a", "Subnet:network-public-b"
        ),
        law=TIERS,
        at="cluster-eks",
        says="network-public-a is for network-nat-a (public) and for cluster-eks (nodes)",
        remedy="give each tier its own subnets",
    ),
    Break(
        name="a database subnet has no association",
        change=lambda w: w.drop("RouteTableAssociation:network-database-b"),
        law=TIERS,
        at="network-database-b",
        says="is for databases and has no route table of its own, so that it has the main one of network-vpc",
        remedy="associate it with a route table that has no route but the local one",
    ),
    Break(
        name="all NAT gateways are in one zone",
        change=lambda w: [
            w.point(f"NatGateway:network-nat-{zone}", "subnetId", "Subnet:network-public-a") for zone in "bc"
        ],
        law=TIERS,
        at="network-nat-c",
        says="it is in network-public-a, where network-nat-a is",
        remedy="put each NAT gateway in the public subnet of its zone",
    ),
    Break(
        name="the endpoints are in the public subnets",
        change=lambda w: w.point("VpcEndpoint:network-sqs", "subnetIds", "Subnet:network-public-a"),
        law=TIERS,
        at="network-sqs",
        says="network-public-a is for network-nat-a (public) and for network-sqs (internal)",
        remedy="give each tier its own subnets",
    ),
    Break(
        name="the internal load balancer is in the database's subnets",
        change=lambda w: w.point("LoadBalancer:edge-load-balancer", "subnets", "Subnet:network-database-a"),
        law=TIERS,
        at="database-instance",
        says="network-database-a is for edge-load-balancer (internal load balancer) and for database-instance",
        remedy="give each tier its own subnets",
    ),
    Break(
        name="the internet gateway is attached to no VPC",
        change=lambda w: w.change("InternetGateway:network-igw", lambda p: p.pop("vpcId")),
        law=NEEDS,
        at="network-public",
        says="nodes cannot reach registry on TCP 443: route table network-public of network-public-a: no way to the",
        remedy="routes 0.0.0.0/0 to an attached internet gateway",
        stack="dev",
    ),
]
