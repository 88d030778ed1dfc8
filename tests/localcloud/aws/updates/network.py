"""Rows for types of EC2."""

from collections.abc import Callable, Mapping

from tests.localcloud.aws.updates.row import ABSENT, Row, World, add_ipv6, document

S3 = "com.amazonaws.eu-central-1.s3"
ECR = "com.amazonaws.eu-central-1.ecr.api"


def vpc(world: World) -> Row:
    return Row(
        base={"cidrBlock": "10.9.0.0/16", "enableDnsSupport": True, "enableDnsHostnames": True},
        changes={
            "enableDnsSupport": [False, True],
            "enableDnsHostnames": [False, True],
            "enableNetworkAddressUsageMetrics": [True, False, True],
        },
        replaces={"cidrBlock": "10.8.0.0/16", "instanceTenancy": "dedicated"},
    )


def subnet(world: World) -> Row:
    return Row(
        base={"vpcId": world.vpc.id, "cidrBlock": "10.1.9.0/24", "availabilityZone": "eu-central-1a"},
        changes={"mapPublicIpOnLaunch": [True, False, True], "assignIpv6AddressOnCreation": [True, False, True]},
        ready=lambda id_: add_ipv6(world, [id_]),
        replaces={"vpcId": world.vpc2.id, "cidrBlock": "10.1.8.0/24", "availabilityZone": "eu-central-1b"},
    )


def internet_gateway(world: World) -> Row:
    third = world.stack.create("aws:ec2/vpc:Vpc", "v3", cidrBlock="10.3.0.0/16")
    return Row(base={"vpcId": world.vpc2.id}, changes={"vpcId": [third.id, world.vpc2.id]})


def eip(world: World) -> Row:
    return Row(base={"domain": "vpc"}, replaces={"domain": "standard"})


def nat_gateway(world: World) -> Row:
    address = world.stack.create("aws:ec2/eip:Eip", "nat", domain="vpc")
    return Row(
        base={"allocationId": address.id, "subnetId": world.subnets[2].id},
        replaces={
            "allocationId": "eipalloc-other",
            "subnetId": world.subnets[1].id,
            "connectivityType": "private",
        },
    )


def gateway_endpoint(world: World) -> Row:
    first, second, third = (table.id for table in world.tables)
    return Row(
        base={
            "vpcId": world.vpc.id,
            "serviceName": S3,
            "vpcEndpointType": "Gateway",
            "routeTableIds": [first],
        },
        changes={
            "routeTableIds": [[first, second], [second, third], [third], []],
            "policy": [document("s3:GetObject", "*"), document("s3:PutObject", "*")],
        },
        replaces={"vpcId": world.vpc2.id, "serviceName": ECR, "vpcEndpointType": "Interface"},
        kept=frozenset({"policy"}),
    )


def interface_endpoint(world: World) -> Row:
    first, second, third = world.subnet_ids
    groups = [group.id for group in world.groups]
    return Row(
        base={
            "vpcId": world.vpc.id,
            "serviceName": ECR,
            "vpcEndpointType": "Interface",
            "subnetIds": [first, second],
            "securityGroupIds": [groups[0]],
            "privateDnsEnabled": True,
            "ipAddressType": "ipv4",
        },
        changes={
            "subnetIds": [[first, second, third], [first, third], [third]],
            "securityGroupIds": [[groups[0], groups[1]], [groups[2]]],
            "privateDnsEnabled": [False, True],
            "ipAddressType": ["dualstack", "ipv4"],
            "policy": [document("ecr:*", "*"), document("ecr:BatchGetImage", "*")],
        },
        replaces={"vpcId": world.vpc2.id, "serviceName": S3, "vpcEndpointType": "Gateway"},
        kept=frozenset({"policy"}),
    )


def s3_interface_endpoint(world: World) -> Row:
    only = "privateDnsOnlyForInboundResolverEndpoint"
    base = {
        "vpcId": world.vpc.id,
        "serviceName": S3,
        "vpcEndpointType": "Interface",
        "subnetIds": [world.subnet_ids[0]],
    }
    return Row(
        base={**base, "privateDnsEnabled": False},
        changes={"dnsOptions": [{only: False}, {only: True}]},
        kept=frozenset({"dnsOptions"}),
    )


def flow_log(world: World) -> Row:
    bucket, bucket2 = world.arns([world.bucket, world.bucket2])
    return Row(
        base={
            "vpcId": world.vpc2.id,
            "trafficType": "ALL",
            "logDestinationType": "s3",
            "logDestination": bucket,
            "maxAggregationInterval": 60,
        },
        replaces={
            "vpcId": world.vpc.id,
            "subnetId": world.subnets[0].id,
            "eniId": "eni-1",
            "trafficType": "REJECT",
            "logDestinationType": "cloud-watch-logs",
            "logDestination": bucket2,
            "maxAggregationInterval": 600,
            "iamRoleArn": "arn:aws:iam::123456789012:role/flow",
            "logFormat": "${pkt-srcaddr}",
            "destinationOptions": {"fileFormat": "parquet"},
        },
    )


def route_table(world: World) -> Row:
    return Row(base={"vpcId": world.vpc.id}, replaces={"vpcId": world.vpc2.id})


def route(world: World) -> Row:
    return Row(
        base={
            "routeTableId": world.tables[2].id,
            "destinationCidrBlock": "0.0.0.0/0",
            "natGatewayId": world.nats[0].id,
        },
        changes={"natGatewayId": [world.nats[1].id, world.nats[0].id]},
        replaces={
            "routeTableId": world.tables[1].id,
            "destinationCidrBlock": "10.200.0.0/16",
            "destinationIpv6CidrBlock": "::/0",
            "destinationPrefixListId": "pl-1",
        },
    )


def route_to_gateway(world: World) -> Row:
    return Row(
        base={
            "routeTableId": world.tables[1].id,
            "destinationCidrBlock": "0.0.0.0/0",
            "gatewayId": world.gateway.id,
        },
        together=[
            {"gatewayId": ABSENT, "natGatewayId": world.nats[0].id},
            {"gatewayId": world.gateway.id, "natGatewayId": ABSENT},
        ],
    )


def association(world: World) -> Row:
    return Row(
        base={"subnetId": world.subnets[2].id, "routeTableId": world.tables[0].id},
        changes={"routeTableId": [world.tables[1].id, world.tables[2].id]},
        replaces={"subnetId": world.subnets[1].id},
    )


RULE = {"protocol": "tcp", "fromPort": 443, "toPort": 443}


def security_group(world: World) -> Row:
    inside, outside = {**RULE, "cidrBlocks": ["10.0.0.0/8"]}, {**RULE, "cidrBlocks": ["0.0.0.0/0"]}
    rules = [[inside], [inside, {**RULE, "fromPort": 1, "toPort": 2, "self": True}], [{**outside, "description": "d"}]]
    return Row(
        base={"vpcId": world.vpc.id, "description": "first"},
        changes={"ingress": rules, "egress": rules, "revokeRulesOnDelete": [True, False]},
        replaces={"vpcId": world.vpc2.id, "description": "second", "name": "other"},
        untold=frozenset({"revokeRulesOnDelete"}),
    )


def default_security_group(world: World) -> Row:
    third = world.stack.create("aws:ec2/vpc:Vpc", "v4", cidrBlock="10.4.0.0/16")
    inside = {**RULE, "cidrBlocks": ["10.0.0.0/8"]}
    rules = [[inside], [inside, {**RULE, "fromPort": 1, "toPort": 2, "cidrBlocks": ["10.1.0.0/16"]}]]
    return Row(
        base={"vpcId": third.id, "ingress": [], "egress": []},
        changes={"ingress": rules, "egress": rules},
        replaces={"vpcId": world.vpc.id},
    )


def rule(world: World) -> Row:
    return Row(
        base={
            "securityGroupId": world.groups[0].id,
            "cidrIpv4": "10.0.0.0/16",
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "description": "first",
        },
        changes={
            "cidrIpv4": ["10.1.0.0/16", "10.2.0.0/16"],
            "fromPort": [442, 440],
            "toPort": [444, 445],
            "ipProtocol": ["udp", "tcp"],
            "description": ["second", "third"],
        },
        replaces={"securityGroupId": world.groups[1].id},
    )


def rule_of_group(world: World) -> Row:
    return Row(
        base={
            "securityGroupId": world.groups[0].id,
            "referencedSecurityGroupId": world.groups[1].id,
            "ipProtocol": "tcp",
            "fromPort": 5432,
            "toPort": 5432,
            "description": "first",
        },
        changes={
            "referencedSecurityGroupId": [world.groups[2].id, world.groups[1].id],
            "fromPort": [5431, 5430],
            "toPort": [5433, 5434],
            "description": ["second", "third"],
        },
        replaces={"securityGroupId": world.groups[1].id},
    )


ROWS: Mapping[str, Mapping[str, Callable[[World], Row]]] = {
    "aws:ec2/vpc:Vpc": {"": vpc},
    "aws:ec2/subnet:Subnet": {"": subnet},
    "aws:ec2/internetGateway:InternetGateway": {"": internet_gateway},
    "aws:ec2/eip:Eip": {"": eip},
    "aws:ec2/natGateway:NatGateway": {"": nat_gateway},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "gateway": gateway_endpoint,
        "interface": interface_endpoint,
        "s3": s3_interface_endpoint,
    },
    "aws:ec2/flowLog:FlowLog": {"": flow_log},
    "aws:ec2/routeTable:RouteTable": {"": route_table},
    "aws:ec2/route:Route": {"nat": route, "gateway": route_to_gateway},
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {"": association},
    "aws:ec2/securityGroup:SecurityGroup": {"": security_group},
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {"": default_security_group},
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"": rule, "group": rule_of_group},
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {"": rule, "group": rule_of_group},
}
