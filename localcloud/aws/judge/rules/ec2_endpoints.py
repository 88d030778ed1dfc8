"""Rules of EC2 about VPC endpoints."""

import re
from collections.abc import Iterator
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules import iam_documents
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, one
from localcloud.protocol.values import UNKNOWN

_LIVE = ("pendingacceptance", "pending", "available")
# Parameter name -> prefix of the ids in its list, and the start of EC2's error code.
_IDS = {"RouteTableIds": ("rtb-", "InvalidRouteTableId"), "SubnetIds": ("subnet-", "InvalidSubnetId")}
_INBOUND = ("DnsOptions", "PrivateDnsOnlyForInboundResolverEndpoint")
_FORM = re.compile(r"[a-z]+-[0-9a-z]+")
_PRINCIPAL = "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"
_TF = "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ec2/errors.go"


def _type(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse parameters that the type of the endpoint does not support.

    Only gateway endpoints have route tables. They have no subnets, security groups or private DNS.
    """
    kind = parameters.get("VpcEndpointType") or "Gateway"
    if not known(kind):
        return
    if kind != "Gateway" and parameters.get("RouteTableIds"):
        yield RefusedError(
            "InvalidParameter",
            "Route table IDs are only supported for Gateway type VPC Endpoint.",
            path=("RouteTableIds",),
            source="https://github.com/ansible-collections/amazon.aws/issues/576",
        )
    if kind == "Gateway" and parameters.get("SubnetIds"):
        yield RefusedError(
            "InvalidParameter",
            "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.",
            path=("SubnetIds",),
            source="https://github.com/nanlabs/terraform-aws-starter/issues/18",
        )
    if kind == "Gateway" and _only_inbound(parameters) is not None:
        yield RefusedError(
            "InvalidParameter",
            "DnsOptions PrivateDnsOnlyForInboundResolverEndpoint is applicable only to Interface VPC Endpoints.",
            path=_INBOUND,
            source="https://github.com/hashicorp/terraform-provider-aws/issues/45846",
        )
    for name, word in (("SecurityGroupIds", "Security group IDs are"), ("PrivateDnsEnabled", "Private DNS is")):
        if kind == "Gateway" and parameters.get(name):
            yield RefusedError(
                "InvalidParameter",
                f"{word} only supported for Interface type VPC Endpoints.",
                path=(name,),
                value=parameters[name],
                source=f"botocore ec2 CreateVpcEndpointRequest.{name}",
            )


def _ids(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse malformed ids."""
    for name, values in parameters.items():
        for ending, (prefix, code) in _IDS.items():
            for index, id_ in enumerate(values or () if name in (ending, f"Add{ending}") else ()):
                if known(id_) and not (str(id_).startswith(prefix) and _FORM.fullmatch(str(id_))):
                    yield RefusedError(
                        f"{code}.Malformed",
                        f"Invalid Id: '{id_}' (expecting '{prefix}...; the Id may only contain lowercase alphanumeric "
                        "characters and a single dash')",
                        path=(name, index),
                        value=id_,
                        source="https://github.com/terraform-aws-modules/terraform-aws-vpc/issues/722",
                    )


def _policy(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a policy that violates the grammar of policies of resources, or has a statement without a principal."""
    text = parameters.get("PolicyDocument")
    for words in iam_documents.faults(text, "resource") if isinstance(text, str) and text != UNKNOWN else ():
        missing = words == iam_documents.NO_PRINCIPAL
        yield RefusedError(
            "InvalidPolicyDocument",
            f"The Policy Document is not valid. {words}",
            path=("PolicyDocument",),
            value=text,
            source=_PRINCIPAL if missing else "https://github.com/hashicorp/terraform-provider-aws/issues/42291",
        )


def _members(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse route tables, subnets and security groups that do not exist."""
    kinds = (
        ("RouteTableIds", "DescribeRouteTables", "RouteTables", "InvalidRouteTableId.NotFound", "routeTable"),
        ("SubnetIds", "DescribeSubnets", "Subnets", "InvalidSubnetId.NotFound", "subnet"),
        (
            "SecurityGroupIds",
            "DescribeSecurityGroups",
            "SecurityGroups",
            "InvalidSecurityGroupID.NotFound",
            "securityGroup",
        ),
    )
    for ending, operation, key, code, word in kinds:
        for name in (ending, f"Add{ending}"):
            for index, id_ in enumerate(parameters.get(name) or ()):
                asked = {"GroupIds" if key == "SecurityGroups" else ending: [id_]}
                if not one(ask, operation, key, **asked):
                    words = f"The {word} ID '{id_}' does not exist"
                    yield RefusedError(code, words, path=(name, index), value=id_, source=_TF)


def _zones(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse several subnets of an interface endpoint in the same availability zone."""
    endpoint = _endpoint(parameters, ask)
    removed = parameters.get("RemoveSubnetIds") or ()
    stay = [id_ for id_ in endpoint.get("SubnetIds", ()) if id_ not in removed]
    zones: set[str] = set()
    for id_ in [*stay, *(parameters.get("SubnetIds") or ()), *(parameters.get("AddSubnetIds") or ())]:
        zone = one(ask, "DescribeSubnets", "Subnets", SubnetIds=[id_]).get("AvailabilityZone", id_)
        if zone in zones:
            yield RefusedError(
                "DuplicateSubnetsInSameZone",
                f"Found another VPC endpoint subnet in the availability zone of {id_}. VPC endpoint subnets should be "
                "in different availability zones supported by the VPC endpoint service.",
                path=("SubnetIds",),
                source="https://github.com/terraform-aws-modules/terraform-aws-vpc/issues/583",
            )
        zones.add(zone)


def _private_name(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse private DNS in a VPC without DNS, and for a second endpoint of a service in the VPC."""
    endpoint = {**_endpoint(parameters, ask), **parameters}
    vpc, service = endpoint.get("VpcId"), str(endpoint.get("ServiceName"))
    if not parameters.get("PrivateDnsEnabled") or not one(ask, "DescribeVpcs", "Vpcs", VpcIds=[vpc]):
        return
    for name in ("EnableDnsSupport", "EnableDnsHostnames"):
        answer = ask("ec2", "DescribeVpcAttribute", VpcId=vpc, Attribute=f"{name[0].lower()}{name[1:]}")
        if not answer[name]["Value"]:
            yield _private_error(
                "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true "
                f"for {vpc}",
                "https://docs.aws.amazon.com/guardduty/latest/ug/troubleshoot-guardduty-runtime-monitoring.html",
            )
    # moto sets PrivateDnsEnabled of a gateway endpoint too, which has no private name.
    others = [
        each
        for each in _others(endpoint, ask)
        if each.get("PrivateDnsEnabled") and each.get("VpcEndpointType") == "Interface"
    ]
    if others:
        yield _private_error(
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
            f"{_domain(service)} in the VPC {vpc}",
            "https://github.com/hashicorp/terraform-provider-aws/issues/17535",
        )


def _inbound(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse private DNS for inbound resolver endpoints only, the default of S3, without a gateway endpoint."""
    endpoint = {**_endpoint(parameters, ask), **parameters}
    if endpoint.get("VpcEndpointType") != "Interface" or not endpoint.get("PrivateDnsEnabled"):
        return
    only = _only_inbound(parameters)
    if only is None and "VpcEndpointId" not in parameters:
        only = str(endpoint.get("ServiceName")).endswith(".s3")
    if only is True and all(each.get("VpcEndpointType") != "Gateway" for each in _others(endpoint, ask)):
        yield RefusedError(
            "InvalidParameter",
            f"To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC {endpoint.get('VpcId')} must have a "
            "Gateway endpoint for the service.",
            path=_INBOUND,
            source="https://github.com/terraform-aws-modules/terraform-aws-vpc/issues/982",
        )


def _only_inbound(parameters: Parameters) -> Any:
    options, only = _INBOUND
    return (parameters.get(options) or {}).get(only)


def _private_error(words: str, source: str) -> RefusedError:
    return RefusedError("InvalidParameter", words, path=("PrivateDnsEnabled",), value=True, source=source)


def _routes(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a route table that already has a route to another endpoint of the service."""
    others = {each["VpcEndpointId"] for each in _others({**_endpoint(parameters, ask), **parameters}, ask)}
    for name in ("RouteTableIds", "AddRouteTableIds"):
        for index, table in enumerate(parameters.get(name) or ()):
            routes = one(ask, "DescribeRouteTables", "RouteTables", RouteTableIds=[table]).get("Routes", ())
            for route in [each for each in routes if each.get("GatewayId") in others]:
                prefixes = route.get("DestinationPrefixListId")
                yield RefusedError(
                    "RouteAlreadyExists",
                    f"route table {table} already has a route with destination-prefix-list-id {prefixes}",
                    path=(name, index),
                    value=table,
                    source="https://github.com/eksctl-io/eksctl/issues/2510",
                )


def _endpoint(parameters: Parameters, ask: Ask) -> dict[str, Any]:
    """Return the endpoint that the request changes, or {} if it creates one."""
    id_ = parameters.get("VpcEndpointId")
    return one(ask, "DescribeVpcEndpoints", "VpcEndpoints", VpcEndpointIds=[id_]) if id_ else {}


def _others(endpoint: dict[str, Any], ask: Ask) -> list[dict[str, Any]]:
    """Return the other live endpoints of the same service in the same VPC."""
    return [
        each
        for each in ask("ec2", "DescribeVpcEndpoints").get("VpcEndpoints", ())
        if each.get("VpcId") == endpoint.get("VpcId")
        and each.get("ServiceName") == endpoint.get("ServiceName")
        and each.get("VpcEndpointId") != endpoint.get("VpcEndpointId")
        and str(each.get("State", "")).lower() in _LIVE
    ]


def _domain(service: str) -> str:
    """Return the domain of a service: `com.amazonaws.eu-central-1.ecr.api` -> `api.ecr.eu-central-1.amazonaws.com`."""
    return ".".join(reversed(service.split(".")))


REQUEST_RULES: RequestRules = {
    ("ec2", "CreateVpcEndpoint"): (_type, _ids, _policy),
    ("ec2", "ModifyVpcEndpoint"): (_ids, _policy),
}
_BOTH = (_members, _zones, _private_name, _inbound, _routes)
STATE_RULES: StateRules = {
    ("ec2", "CreateVpcEndpoint"): _BOTH,
    ("ec2", "ModifyVpcEndpoint"): _BOTH,
}
