"""Finds the ARNs of the resources of a call in its parameters, for services without resource-based policies.

The resource types of each action are from AWS's service authorization reference, as included in cfn-lint:
https://docs.aws.amazon.com/service-authorization/latest/reference/. An ARN ends in `*` if the call creates the resource
or names none, as in AWS's own messages.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from localcloud.aws.iam.requests import Call
from localcloud.aws.specifications.tables import cfnlint

Ids = Callable[[Call], Iterator[tuple[str, str]]]
"""Yields the type and id of each resource that a call names."""

# Prefix of an id -> resource type. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
_EC2_TYPES = {
    "acl": "network-acl",
    "dopt": "dhcp-options",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "i": "instance",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "nat": "natgateway",
    "pl": "prefix-list",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
_EC2_MADE = {
    "AllocateAddress": "elastic-ip",
    "AuthorizeSecurityGroupEgress": "security-group-rule",
    "AuthorizeSecurityGroupIngress": "security-group-rule",
    "CreateFlowLogs": "vpc-flow-log",
    "CreateInternetGateway": "internet-gateway",
    "CreateNatGateway": "natgateway",
    "CreateNetworkAcl": "network-acl",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSubnet": "subnet",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
}
_EC2_ID = re.compile(r"([a-z]+)-[0-9a-f]{8,17}")
_RDS_PARAMETERS = {
    "DBInstanceIdentifier": "db",
    "DBParameterGroupName": "pg",
    "DBSubnetGroupName": "subgrp",
    "DBSnapshotIdentifier": "snapshot",
    "OptionGroupName": "og",
}
_IAM_PARAMETERS = {
    "RoleName": "role",
    "UserName": "user",
    "GroupName": "group",
    "PolicyName": "policy",
    "InstanceProfileName": "instance-profile",
}


@cache
def types_of(service: str, action: str) -> tuple[str, ...] | None:
    """Return the resource types of an action: `()` if it has no resources, None if the action is unknown.

    Args:
        service: prefix of the service's actions, such as `ec2`.
        action: name of the action, such as `CreateVpc`.
    """
    known = _reference().get(service, {}).get("Actions", {}).get(action.lower())
    return None if known is None else tuple(known.get("Resources", ()))


def arns(call: Call, action: str, account_id: str) -> list[str] | None:
    """Return the ARNs of the resources of one action of a call.

    Args:
        call: operation and its parameters.
        action: action with its prefix, such as `ec2:CreateVpc`.
        account_id: id of the account.

    Returns:
        The ARNs: none for an action without resources. None if the resources are unknown.
    """
    types = types_of(call.service, action.partition(":")[2])
    if not types:
        return None if types is None else []
    named = [value for value in _texts(call.parameters) if _is_arn_of(value, call.service, types)]
    if named:
        return named
    if call.service not in _IDS:
        return None
    found = [(type_, id_) for type_, id_ in _IDS[call.service](call) if type_ in types]
    if not found and len(types) == 1:
        found = [(types[0], "*")]
    return [_arn(call, type_, id_, account_id) for type_, id_ in found] or None


def _arn(call: Call, type_: str, id_: str, account_id: str) -> str:
    pattern = _reference()[call.service]["Resources"][type_]["ARNFormats"][0]
    values = {"${Partition}": "aws", "${Region}": call.region, "${Account}": account_id}
    for name, value in values.items():
        pattern = pattern.replace(name, value)
    return str(pattern.removesuffix(".*") + id_)


def _is_arn_of(value: str, service: str, types: tuple[str, ...]) -> bool:
    if not value.startswith(f"arn:aws:{service}:"):
        return False
    formats = (each for type_ in types for each in _reference()[service]["Resources"].get(type_, {})["ARNFormats"])
    return any(re.fullmatch(re.sub(r"\$\{\w+\}", "[^:]*", pattern), value) for pattern in formats)


def _texts(parameters: Mapping[str, Any]) -> Iterator[str]:
    """Yield the string values of the parameters, without nested ones."""
    return (value for value in parameters.values() if isinstance(value, str))


def _ec2(call: Call) -> Iterator[tuple[str, str]]:
    for name, value in call.parameters.items():
        found = _EC2_ID.fullmatch(str(value))
        # Skip the source groups of rules, which the call does not change, and the values of tags.
        if found and found[1] in _EC2_TYPES and not name.startswith(("IpPermissions", "Tag")):
            yield _EC2_TYPES[found[1]], str(value)
    if call.operation in _EC2_MADE:
        yield _EC2_MADE[call.operation], "*"


def _eks(call: Call) -> Iterator[tuple[str, str]]:
    parameters = call.parameters
    cluster = parameters.get("clusterName") or parameters.get("name")
    if not cluster:
        return
    yield "cluster", str(cluster)
    if call.operation.startswith("Create"):
        return
    if "principalArn" in parameters:
        account, kind = str(parameters["principalArn"]).split(":")[4:6]
        yield "access-entry", f"{cluster}/{kind.partition('/')[0]}/{account}/{kind.rpartition('/')[2]}/*"
    if "addonName" in parameters:
        yield "addon", f"{cluster}/{parameters['addonName']}/*"
    if "associationId" in parameters:
        yield "podidentityassociation", f"{cluster}/{parameters['associationId']}"


def _rds(call: Call) -> Iterator[tuple[str, str]]:
    for name, type_ in _RDS_PARAMETERS.items():
        if name in call.parameters:
            yield type_, str(call.parameters[name]).lower()


def _ecr(call: Call) -> Iterator[tuple[str, str]]:
    names = call.parameters.get("repositoryNames") or [call.parameters.get("repositoryName") or "*"]
    yield from (("repository", str(name)) for name in names)


def _logs(call: Call) -> Iterator[tuple[str, str]]:
    """Yield the log groups and streams of a call.

    The ARN of a stream has its group: https://github.com/aws-solutions/aws-crr-monitor/issues/8
    """
    if "logGroupName" in call.parameters:
        group = f"{call.parameters['logGroupName']}:log-stream:"
        yield "log-group", group
        yield "log-stream", f"{group}{call.parameters.get('logStreamName', '*')}"
    elif call.operation.endswith("DeliverySource"):
        yield "delivery-source", str(call.parameters.get("name", "*"))
    elif call.operation.endswith("DeliveryDestination"):
        yield "delivery-destination", str(call.parameters.get("name", "*"))
    elif call.operation.endswith("Delivery"):
        yield "delivery", str(call.parameters.get("id", "*"))


def _cloudwatch(call: Call) -> Iterator[tuple[str, str]]:
    """Yield the alarms of a call. A list has the form `AlarmNames.1` or `AlarmNames.member.1`, by protocol."""
    for name, value in call.parameters.items():
        if name == "AlarmName" or name.startswith("AlarmNames"):
            for each in value if isinstance(value, list) else [value]:
                yield "alarm", str(each)


def _iam(call: Call) -> Iterator[tuple[str, str]]:
    from moto.iam.models import iam_backends  # noqa: PLC0415 - slow to load, and only the server needs it

    for parameter, type_ in _IAM_PARAMETERS.items():
        name = call.parameters.get(parameter)
        if not name:
            continue
        path = call.parameters.get("Path", "/")
        for account in iam_backends.values() if type_ == "role" else ():
            path = next((role.path or "/" for role in account["aws"].roles.values() if role.name == name), path)
        yield type_, f"{path}{name}".removeprefix("/")
    if call.operation == "CreateServiceLinkedRole":
        yield "role", f"aws-service-role/{call.parameters.get('AWSServiceName')}/*"


_IDS: Mapping[str, Ids] = {
    "cloudwatch": _cloudwatch,
    "ec2": _ec2,
    "ecr": _ecr,
    "eks": _eks,
    "iam": _iam,
    "logs": _logs,
    "rds": _rds,
}


@cache
def _reference() -> Any:
    return cfnlint("AdditionalSpecs", "Policies.json")
