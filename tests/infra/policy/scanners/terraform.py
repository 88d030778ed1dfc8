"""Render resources of a stack as a plan of Terraform, from which checkov reads them.

Pulumi's AWS provider is generated from Terraform's: its types, properties and blocks have other names there.
Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource

# Modules of Pulumi that are no part of the name of the type.
UNPREFIXED = ("ec2",)
RENAMED = {
    "aws:ec2/eip:Eip": "aws_eip",
    "aws:lb/loadBalancer:LoadBalancer": "aws_lb",
    "aws:rds/instance:Instance": "aws_db_instance",
    "aws:rds/parameterGroup:ParameterGroup": "aws_db_parameter_group",
    "aws:rds/subnetGroup:SubnetGroup": "aws_db_subnet_group",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "aws_sqs_queue_redrive_allow_policy",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "aws_iam_openid_connect_provider",
}
# Objects that are a map in Terraform, not a block.
MAPS = ("tags", "tagsAll", "dimensions")
# Lists of objects whose name is plural in Terraform too.
PLURAL = ("redactedFields",)
FOREIGN = "terraform_data.foreign"
"""The source of a value that comes from a provider other than AWS."""


def terraform_type(token: str) -> str:
    """Return Terraform's type for a type token of Pulumi's AWS provider."""
    if token in RENAMED:
        return RENAMED[token]
    module, _, name = token.removeprefix("aws:").rpartition(":")[0].partition("/")
    return "_".join(["aws", *([] if module in UNPREFIXED else [module]), snake_case(name)])


def snake_case(name: str) -> str:
    """Return Terraform's name of a property, except for plurals."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def plan(resources: Sequence[Resource]) -> dict[str, Any]:
    """Return the plan that creates the AWS resources, as `terraform show -json` prints it.

    An unknown value has no value in the plan, and the configuration refers to the resources that it comes from.
    """
    made = [each for each in resources if each.type.startswith("aws:")]
    addresses = {each.urn: _address(each) for each in made}
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": [_planned(each) for each in made]}},
        "configuration": {"root_module": {"resources": [_configured(each, addresses) for each in made]}},
    }


def _planned(resource: Resource) -> dict[str, Any]:
    return {**_identity(resource), "values": _values(_inputs(resource))}


def _configured(resource: Resource, addresses: Mapping[str, str]) -> dict[str, Any]:
    expressions = {}
    for key, value in _inputs(resource).items():
        owners = [addresses.get(urn, FOREIGN) for urn in resource.dependencies.get(key, [])]
        if owners or _has_unknown(value):
            expressions[_name(key, value)] = _expression(key, value, owners or [FOREIGN])
    return {**_identity(resource), "expressions": expressions}


def _identity(resource: Resource) -> dict[str, str]:
    type_ = terraform_type(resource.type)
    return {"address": _address(resource), "mode": "managed", "type": type_, "name": resource.name}


def _address(resource: Resource) -> str:
    return f"{terraform_type(resource.type)}.{resource.name}"


def _inputs(resource: Resource) -> dict[str, Any]:
    return {key: value for key, value in resource.properties.items() if key != "id"}


def _values(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the known values of a resource or a block."""
    return {_name(key, value): _value(key, value) for key, value in properties.items() if value is not UNKNOWN}


def _value(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        known = {name: each for name, each in value.items() if each is not UNKNOWN}
        return known if key in MAPS else [_values(value)]
    if isinstance(value, list):
        return [_values(each) if isinstance(each, dict) else _value(key, each) for each in value]
    if value is UNKNOWN:
        return None  # an item of a list
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _expression(key: str, value: Any, owners: Sequence[str]) -> Any:
    """Return the expression of a property, with what it refers to."""
    blocks = [value] if isinstance(value, dict) and key not in MAPS else value if _is_blocks(value) else []
    if not blocks:
        attribute = "arn" if key.endswith(("Arn", "Arns")) else "id"
        return {"references": [text for owner in owners for text in (f"{owner}.{attribute}", owner)]}
    return [
        {_name(inner, each): _expression(inner, each, owners) for inner, each in block.items() if _has_unknown(each)}
        for block in blocks
    ]


def _name(key: str, value: Any) -> str:
    """Return Terraform's name of a property: a list of blocks has the name of one."""
    return snake_case(_singular(key) if _is_blocks(value) and key not in PLURAL else key)


def _singular(name: str) -> str:
    for plural, ending in (("sses", "ss"), ("ases", "as"), ("ies", "y"), ("ss", "ss"), ("s", "")):
        if name.endswith(plural):
            return name.removesuffix(plural) + ending
    return name


def _is_blocks(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


def _has_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_unknown(each) for each in value.values())
    return any(_has_unknown(each) for each in value) if isinstance(value, list) else value is UNKNOWN
