"""The three network tiers of every stack: subnets, routes, endpoints and allowed connections."""

from collections import Counter

import pytest

from components._cidrs import plan_cidrs
from tests.support.fake_outputs import ORIGIN_FACING
from tests.support.recorder import Recorded, texts
from tests.support.worlds import STACKS, World, every_world, world_of

SUBNET = "aws:ec2/subnet:Subnet"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
NAT = "aws:ec2/natGateway:NatGateway"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
TIERS = ("public", "private", "database")
PORTS = ("ipProtocol", "fromPort", "toPort")


def _tier(subnet: Recorded) -> str:
    return subnet.name.split("-")[1]


def _zone(subnet: Recorded) -> str:
    return subnet.inputs["availabilityZone"][-1]


def _subnets(world: World, tier: str) -> set[str]:
    return {subnet.id for subnet in world.all(SUBNET) if _tier(subnet) == tier}


@every_world
def test_each_zone_has_one_subnet_of_each_tier(world: World) -> None:
    """Each has the addresses of its slot, is in its zone and the VPC, and assigns no public addresses."""
    zones = world.settings.network.availability_zones

    found = {(_tier(s), _zone(s)): s for s in world.all(SUBNET)}
    assert set(found) == {(tier, zone) for tier in TIERS for zone in zones}
    assert len(world.all(SUBNET)) == len(found)
    for plan in plan_cidrs(world.settings.network.cidr, zones):
        for tier in TIERS:
            subnet = found[tier, plan.zone]
            assert subnet.name == f"network-{tier}-{plan.zone}"
            assert subnet.inputs["cidrBlock"] == str(getattr(plan, tier))
            assert subnet.inputs["availabilityZone"] == f"{world.settings.region}{plan.zone}"
            assert subnet.inputs["mapPublicIpOnLaunch"] is False


@every_world
def test_everything_is_in_the_one_vpc(world: World) -> None:
    """The VPC has the CIDR of the settings, and every reference to a VPC is to this one."""
    vpc = world.only("aws:ec2/vpc:Vpc")

    assert vpc.inputs["cidrBlock"] == str(world.settings.network.cidr)
    assert (vpc.inputs["enableDnsHostnames"], vpc.inputs["enableDnsSupport"]) == (True, True)
    inside = [r for r in world.recording.resources.values() if "vpcId" in r.inputs]
    assert {r.inputs["vpcId"] for r in inside} == {vpc.id}
    assert {r.type for r in inside} == {
        SUBNET,
        ENDPOINT,
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:ec2/flowLog:FlowLog",
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:lb/targetGroup:TargetGroup",
    }


@every_world
def test_each_subnet_has_the_table_of_its_tier(world: World) -> None:
    """Public subnets share a route table, database subnets share another, and each private subnet has its own."""
    tables = {}
    for association in world.all(ASSOCIATION):
        subnet = world.owner(association.inputs["subnetId"])
        assert subnet.urn not in tables
        tables[subnet.urn] = world.owner(association.inputs["routeTableId"]).name

    assert tables == {
        subnet.urn: f"network-private-{_zone(subnet)}" if _tier(subnet) == "private" else f"network-{_tier(subnet)}"
        for subnet in world.all(SUBNET)
    }


@every_world
def test_routes_follow_the_tier(world: World) -> None:
    """Public subnets route to the internet gateway, private ones to a NAT gateway if any, database subnets nowhere."""
    zones = world.settings.network.availability_zones
    nat_of = {
        "none": {},
        "single": dict.fromkeys(zones, zones[0]),
        "per-az": {zone: zone for zone in zones},
    }[world.settings.network.nat_strategy]

    routes = {}
    for route in world.all("aws:ec2/route:Route"):
        targets = {key: value for key, value in route.inputs.items() if key not in {"routeTableId"}}
        assert targets.pop("destinationCidrBlock") == "0.0.0.0/0"
        (target,) = targets.values()
        table = world.owner(route.inputs["routeTableId"]).name
        assert table not in routes
        routes[table] = (set(targets), world.owner(target).type, world.owner(target).name)
    assert routes == {
        "network-public": ({"gatewayId"}, "aws:ec2/internetGateway:InternetGateway", "network-igw"),
        **{f"network-private-{zone}": ({"natGatewayId"}, NAT, f"network-nat-{nat}") for zone, nat in nat_of.items()},
    }
    assert {nat.name for nat in world.all(NAT)} == {f"network-nat-{zone}" for zone in nat_of.values()}


@every_world
def test_nat_gateways_are_in_the_public_subnet_of_their_zone(world: World) -> None:
    """Each has its own public address."""
    addresses = []
    for nat in world.all(NAT):
        subnet = world.owner(nat.inputs["subnetId"])
        assert (_tier(subnet), _zone(subnet)) == ("public", nat.name[-1])
        addresses.append(world.owner(nat.inputs["allocationId"]).name)
        assert "connectivityType" not in nat.inputs

    assert addresses == [eip.name for eip in world.all("aws:ec2/eip:Eip")]
    assert {eip.inputs["domain"] for eip in world.all("aws:ec2/eip:Eip")} <= {"vpc"}


@every_world
def test_each_resource_is_in_its_tier(world: World) -> None:
    """Cluster, nodes and endpoints are in the private tier, the database in the database tier, and NAT gateways and
    load balancer in the public tier."""
    tenants: dict[str, dict[str, set[str]]] = {tier: {} for tier in TIERS}
    for resource in world.recording.resources.values():
        if resource.custom and resource.type != ASSOCIATION:
            for tier in TIERS:
                if used := _subnets(world, tier) & set(texts(resource.inputs)):
                    tenants[tier].setdefault(resource.name, set()).update(used)

    endpoints = [_interface_endpoint(service) for service in world.settings.network.interface_endpoints]
    assert tenants["database"] == {"database-subnets": _subnets(world, "database")}
    assert tenants["private"] == dict.fromkeys(["cluster-eks", "nodes-class", *endpoints], _subnets(world, "private"))
    assert set(tenants["public"]) == {"edge-load-balancer", *(nat.name for nat in world.all(NAT))}
    assert tenants["public"]["edge-load-balancer"] == _subnets(world, "public")
    instance = world.only("aws:rds/instance:Instance").inputs
    assert world.owner(instance["dbSubnetGroupName"]).name == "database-subnets"
    assert instance["publiclyAccessible"] is False


def _interface_endpoint(service: str) -> str:
    """Return the logical name of an interface endpoint; the gateway endpoint of S3 is `network-s3`."""
    return "network-s3-interface" if service == "s3" else f"network-{service.replace('.', '-')}"


@every_world
def test_endpoints_are_those_of_the_settings(world: World) -> None:
    """S3 has a gateway endpoint in each private route table. Interface endpoints have private DNS inside the VPC."""
    region, wanted = world.settings.region, set(world.settings.network.interface_endpoints)
    zones = world.settings.network.availability_zones

    s3 = world.only(ENDPOINT, "network-s3")
    assert (s3.inputs["vpcEndpointType"], s3.inputs["serviceName"]) == ("Gateway", f"com.amazonaws.{region}.s3")
    tables = [world.owner(table).name for table in s3.inputs["routeTableIds"]]
    assert sorted(tables) == sorted(f"network-private-{zone}" for zone in zones)
    interfaces = [endpoint for endpoint in world.all(ENDPOINT) if endpoint is not s3]
    assert sorted(e.inputs["serviceName"] for e in interfaces) == sorted(f"com.amazonaws.{region}.{s}" for s in wanted)
    for endpoint in interfaces:
        assert (endpoint.inputs["vpcEndpointType"], endpoint.inputs["privateDnsEnabled"]) == ("Interface", True)
        service = endpoint.inputs["serviceName"].partition(f"{region}.")[2]
        assert endpoint.name == _interface_endpoint(service)
        inside = {"privateDnsOnlyForInboundResolverEndpoint": False} if service == "s3" else None
        assert endpoint.inputs.get("dnsOptions") == inside
        (group,) = endpoint.inputs["securityGroupIds"]
        assert world.owner(group).name == "network-endpoints"


@every_world
def test_only_the_listed_connections_between_tiers_are_allowed(world: World) -> None:
    """Allowed are HTTPS from the VPC to the endpoints, PostgreSQL from the cluster, clients to the load balancer, the
    load balancer to the pods, and the networks of the settings to the API server.
    """
    network, edge = world.settings.network, world.settings.edge
    inside = [str(cidr) for cidr in (network.cidr, *network.peer_cidrs)]
    clients = ["0.0.0.0/0"] if edge.scheme == "internet-facing" else inside
    if edge.cloudfront:
        clients = [ORIGIN_FACING]
    listeners = [
        *([] if edge.cloudfront else [edge.http_port]),
        *([edge.https_port] if edge.domain or edge.certificate_arn else []),
    ]
    of_pods = {8080, *(service.port for service in world.settings.services.values())}

    rules = Counter(_rule(world, rule) for rule in world.all(RULE))
    of_api = {rule: count for rule, count in rules.items() if rule[0] == "cluster-api"}
    assert rules - Counter(of_api) == Counter(
        [
            ("network-endpoints", "tcp", 443, 443, str(network.cidr), None),
            ("database-access", "tcp", 5432, 5432, None, "cluster-eks"),
            *(("cluster-eks", "tcp", port, port, None, "edge-load-balancer") for port in of_pods),
            *(("edge-load-balancer", "tcp", port, port, cidr, None) for port in listeners for cidr in clients),
        ]
    )
    assert Counter(_rule(world, rule) for rule in world.all(EGRESS_RULE)) == Counter(
        ("edge-load-balancer", "tcp", port, port, None, "cluster-eks") for port in of_pods
    )
    cluster = world.settings.cluster
    assert sum(of_api.values()) == len(cluster.private_access_cidrs) + len(cluster.private_access_security_groups)
    known = {*PORTS, "securityGroupId", "description", "cidrIpv4", "prefixListId", "referencedSecurityGroupId"}
    assert all(set(rule.inputs) <= known for rule in (*world.all(RULE), *world.all(EGRESS_RULE)))
    groups = world.all("aws:ec2/securityGroup:SecurityGroup")
    assert sorted(group.name for group in groups) == [
        "cluster-api",
        "database-access",
        "edge-load-balancer",
        "network-endpoints",
    ]
    assert not any({"ingress", "egress"} & set(group.inputs) for group in groups)
    assert [world.owner(g).name for g in world.only("aws:rds/instance:Instance").inputs["vpcSecurityGroupIds"]] == [
        "database-access"
    ]
    balancer = world.only("aws:lb/loadBalancer:LoadBalancer").inputs
    assert [world.owner(group).name for group in balancer["securityGroups"]] == ["edge-load-balancer"]
    closed = world.only("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").inputs
    assert (closed["ingress"], closed["egress"]) == ([], [])
    others = {r.type for r in world.recording.resources.values() if "ecurityGroup" in r.type}
    assert others == {
        RULE,
        EGRESS_RULE,
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    }


def _rule(world: World, rule: Recorded) -> tuple[str, str, int, int, str | None, str | None]:
    """Return a rule's group, protocol, first and last port, and its source or target."""
    protocol, first, last = (rule.inputs[port] for port in PORTS)
    group = world.owner(rule.inputs["securityGroupId"]).name
    address = rule.inputs.get("cidrIpv4") or rule.inputs.get("prefixListId")
    other = rule.inputs.get("referencedSecurityGroupId")
    # Security groups of the settings that may use the API server are not resources of the program.
    known = other if group == "cluster-api" or not other else world.owner(other).name
    return group, protocol, first, last, address, known


@every_world
def test_load_balancers_find_their_subnets(world: World) -> None:
    """EKS finds them by tags: public load balancers in public subnets, internal ones in private subnets."""
    wanted = {"public": {"kubernetes.io/role/elb"}, "private": {"kubernetes.io/role/internal-elb"}, "database": set()}

    for subnet in world.all(SUBNET):
        roles = {key for key in subnet.inputs["tags"] if key.startswith("kubernetes.io/")}
        assert roles == wanted[_tier(subnet)], subnet.name


@every_world
def test_access_to_the_api_server_follows_the_settings(world: World) -> None:
    """It is reached from the VPC and connected networks, and over the internet from the listed networks only."""
    allowed = [str(cidr) for cidr in world.settings.cluster.public_access_cidrs]

    vpc = world.only("aws:eks/cluster:Cluster").inputs["vpcConfig"]
    assert vpc["endpointPrivateAccess"] is True
    assert vpc["endpointPublicAccess"] is bool(allowed)
    assert vpc.get("publicAccessCidrs", []) == allowed
    (group,) = vpc["securityGroupIds"]
    rules = [rule.inputs for rule in world.all(RULE) if rule.inputs["securityGroupId"] == group]
    assert world.owner(group).inputs.get("ingress", []) == []
    assert {(rule["ipProtocol"], rule["fromPort"], rule["toPort"]) for rule in rules} <= {("tcp", 443, 443)}
    assert sorted(rule["cidrIpv4"] for rule in rules if "cidrIpv4" in rule) == sorted(
        str(cidr) for cidr in world.settings.cluster.private_access_cidrs
    )
    assert sorted(rule["referencedSecurityGroupId"] for rule in rules if "cidrIpv4" not in rule) == sorted(
        world.settings.cluster.private_access_security_groups
    )


@pytest.mark.parametrize("strategy", ["none", "single", "per-az"])
def test_every_nat_strategy_is_among_the_worlds(strategy: str) -> None:
    """The tests above cover all three, because the committed stacks have them."""
    assert strategy in {world_of(stack).settings.network.nat_strategy for stack in STACKS}
