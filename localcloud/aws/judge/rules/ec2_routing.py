"""Rules of EC2 about routes, route tables and NAT gateways."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.ec2_network import MEASURED, network_of, no_block
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, filtered, one

_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
_TARGETS = (
    *("GatewayId", "LocalGatewayId", "CarrierGatewayId", "NatGatewayId", "NetworkInterfaceId"),
    *("VpcPeeringConnectionId", "EgressOnlyInternetGatewayId", "TransitGatewayId", "VpcEndpointId", "CoreNetworkArn"),
    "InstanceId",
)
_GUIDE = "https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html"
# Range of AWS's own services.
_RESERVED = IPv4Network("169.254.168.0/22")
# Targets of a route to a subnet of its own VPC.
_INSIDE = ("NatGatewayId", "NetworkInterfaceId", "VpcEndpointId", "InstanceId")
# Prefixes of a route's `GatewayId`: internet, virtual private and carrier gateways, VPC endpoints and `local`.
_GATEWAYS = ("igw-", "vgw-", "cagw-", "vpce-", "local")


def _destination(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a destination that is not a CIDR block."""
    text = parameters.get("DestinationCidrBlock")
    if text and known(text) and network_of(text) is None:
        yield no_block(text, "DestinationCidrBlock")


def _one_of_each(parameters: Parameters) -> Iterator[RefusedError]:
    """Require exactly one destination and exactly one target."""
    for names in (_DESTINATIONS, _TARGETS):
        given = [name for name in names if parameters.get(name)]
        if len(given) != 1:
            listed = [f"{name[0].lower()}{name[1:]}" for name in names]
            yield RefusedError(
                "InvalidParameterCombination",
                f"The request must contain exactly one of {', '.join(listed[:-1])} or {listed[-1]}",
                path=(given[1] if given else names[0],),
                value=parameters.get(given[1]) if given else None,
                source=f"{MEASURED}-route-target-exactly-one",
            )


def _reserved(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a destination within the reserved range of AWS's services. A larger block can contain the range."""
    text = parameters.get("DestinationCidrBlock")
    block = network_of(text) if text and known(text) else None
    if block and block.subnet_of(_RESERVED):
        yield _invalid(f"The destination CIDR block {text} is within the reserved range {_RESERVED}", text)


def _invalid(words: str, destination: Any) -> RefusedError:
    path = ("DestinationCidrBlock",)
    return RefusedError("InvalidParameterValue", words, path=path, value=destination, source=_GUIDE)


def _local(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a destination inside of the VPC, except for a route of a whole subnet to a middlebox."""
    text = parameters.get("DestinationCidrBlock")
    block = network_of(text) if text else None
    table = one(ask, "DescribeRouteTables", "RouteTables", RouteTableIds=[parameters.get("RouteTableId")])
    vpc = one(ask, "DescribeVpcs", "Vpcs", VpcIds=[table["VpcId"]]) if block and table.get("VpcId") else {}
    for local in [IPv4Network(each["CidrBlock"]) for each in vpc.get("CidrBlockAssociationSet", ())]:
        if block == local:
            yield RefusedError(
                "RouteAlreadyExists",
                f"The route identified by {text} already exists.",
                path=("DestinationCidrBlock",),
                value=text,
                source="https://github.com/hashicorp/terraform-provider-aws/issues/23866",
            )
        elif block and block.subnet_of(local) and not _is_to_middlebox(parameters, block, vpc, ask):
            yield _invalid(
                f"The destination CIDR block {text} is more specific than the local route {local}: it has to be the "
                "block of a subnet, and the target a NAT gateway, a network interface or a Gateway Load Balancer "
                "endpoint",
                text,
            )


def _is_to_middlebox(parameters: Parameters, block: IPv4Network, vpc: Mapping[str, Any], ask: Ask) -> bool:
    """Return whether a route sends the traffic to a whole subnet of the VPC through a middlebox that inspects it."""
    subnets = filtered(ask, "DescribeSubnets", "Subnets", "vpc-id", vpc["VpcId"])
    endpoint = str(parameters.get("GatewayId") or "").startswith("vpce-")
    allowed = endpoint or any(parameters.get(name) for name in _INSIDE)
    return allowed and any(IPv4Network(each["CidrBlock"]) == block for each in subnets)


def _kind_of_gateway(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a `GatewayId` that is the id of another kind of target, such as a NAT gateway."""
    gateway = parameters.get("GatewayId")
    if gateway and known(gateway) and not str(gateway).startswith(_GATEWAYS):
        yield RefusedError(
            "InvalidGatewayID.NotFound",
            f"The gateway ID '{gateway}' does not exist",
            path=("GatewayId",),
            value=gateway,
            source="https://github.com/devopsacademyau/academy/pull/906",
        )


def _gateway_of_the_network(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse an internet gateway that is not attached to the VPC of the route table."""
    gateway, table = str(parameters.get("GatewayId") or ""), parameters.get("RouteTableId")
    if not gateway.startswith("igw-"):
        return
    found = one(ask, "DescribeInternetGateways", "InternetGateways", InternetGatewayIds=[gateway])
    vpc = one(ask, "DescribeRouteTables", "RouteTables", RouteTableIds=[table]).get("VpcId")
    if found and vpc and vpc not in [each.get("VpcId") for each in found.get("Attachments", ())]:
        yield RefusedError(
            "InvalidParameterValue",
            f"route table {table} and network gateway {gateway} belong to different networks",
            path=("GatewayId",),
            value=gateway,
            source="https://github.com/smoketurner/serverless-vpc-plugin/issues/147",
        )


def _association(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a route table of another VPC, and a second route table for a subnet."""
    subnet, table = parameters.get("SubnetId"), parameters.get("RouteTableId")
    if not subnet:
        return
    here = one(ask, "DescribeSubnets", "Subnets", SubnetIds=[subnet]).get("VpcId")
    there = one(ask, "DescribeRouteTables", "RouteTables", RouteTableIds=[table]).get("VpcId")
    if here and there and here != there:
        yield RefusedError(
            "InvalidParameterValue",
            f"route table {table} and subnet {subnet} belong to different networks",
            path=("RouteTableId",),
            value=table,
            source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html",
        )
    tables = filtered(ask, "DescribeRouteTables", "RouteTables", "association.subnet-id", subnet)
    if any(each["RouteTableId"] != table for each in tables):
        yield RefusedError(
            "Resource.AlreadyAssociated",
            f"the specified association for route table {table} conflicts with an existing association",
            path=("SubnetId",),
            value=subnet,
            source="https://github.com/hashicorp/terraform-provider-aws/issues/38960",
        )


def _address_of_nat(parameters: Parameters) -> Iterator[RefusedError]:
    """Require an Elastic IP address for a public NAT gateway, the default, and refuse one for a private gateway."""
    kind = parameters.get("ConnectivityType") or "public"
    if kind == "public" and not parameters.get("AllocationId"):
        yield RefusedError(
            "MissingParameter",
            "The request must include the AllocationId parameter. Add the required parameter and retry the request.",
            path=("AllocationId",),
            source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html",
        )
    elif kind == "private" and parameters.get("AllocationId"):
        yield RefusedError(
            "InvalidParameter",
            "AllocationId cannot be specified for a NAT Gateway with Connectivity Type private.",
            path=("AllocationId",),
            value=parameters["AllocationId"],
            source=f"{MEASURED}-natgw-allocation",
        )


def _nat(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse an address that is in use, and a public NAT gateway in a VPC without an internet gateway.

    AWS creates the gateway first, which then fails.
    """
    id_, subnet = parameters.get("AllocationId"), parameters.get("SubnetId")
    address = one(ask, "DescribeAddresses", "Addresses", AllocationIds=[id_]) if id_ else {}
    if address.get("AssociationId") or address.get("NetworkInterfaceId"):
        yield RefusedError(
            "Resource.AlreadyAssociated",
            f"Elastic IP address [{id_}] is already associated",
            path=("AllocationId",),
            value=id_,
            source="https://github.com/kubernetes-sigs/cluster-api-provider-aws/issues/1418",
        )
    vpc = one(ask, "DescribeSubnets", "Subnets", SubnetIds=[subnet]).get("VpcId")
    gateways = filtered(ask, "DescribeInternetGateways", "InternetGateways", "attachment.vpc-id", vpc) if vpc else [{}]
    if not gateways and parameters.get("ConnectivityType") != "private":
        yield RefusedError(
            "Gateway.NotAttached",
            f"Network {vpc} has no Internet gateway attached",
            path=("SubnetId",),
            value=subnet,
            source="https://github.com/giantswarm/aws-operator/pull/1234",
        )


REQUEST_RULES: RequestRules = {
    ("ec2", "CreateRoute"): (_one_of_each, _destination, _reserved, _kind_of_gateway),
    ("ec2", "ReplaceRoute"): (_one_of_each, _destination, _kind_of_gateway),
    ("ec2", "CreateNatGateway"): (_address_of_nat,),
}
STATE_RULES: StateRules = {
    ("ec2", "CreateRoute"): (_gateway_of_the_network, _local),
    ("ec2", "ReplaceRoute"): (_gateway_of_the_network,),
    ("ec2", "AssociateRouteTable"): (_association,),
    ("ec2", "CreateNatGateway"): (_nat,),
}
