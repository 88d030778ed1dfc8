"""Rules of RDS about parameter groups and subnet groups. `rds_parameters` has those of the parameters in a group."""

import re
from collections.abc import Iterator
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup
from localcloud.aws.specifications import tables

_API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference"
_FAMILY_PARTS = {"postgres": 1, "aurora-postgresql": 1, "mysql": 2, "mariadb": 2, "aurora-mysql": 2}
_OLD_POSTGRES = re.compile(r"\d\.\d")


def _family(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an unknown parameter group family, which consists of the engine and its major version."""
    family = parameters.get("DBParameterGroupFamily")
    if not isinstance(family, str) or not known(family):
        return
    engine = max((name for name in tables.engines() if family.startswith(name)), key=len, default="")
    if engine and engine not in _FAMILY_PARTS:
        return
    majors = {_major(version, _FAMILY_PARTS[engine]) for version in tables.engine_versions(engine)} if engine else set()
    if not engine or (majors and family.removeprefix(engine) not in majors):
        yield RefusedError(
            "InvalidParameterValue",
            f"ParameterGroupFamily {family} is not a valid parameter group family",
            path=("DBParameterGroupFamily",),
            value=family,
            source=f"{_API}/API_CreateDBParameterGroup.html",
        )


def _major(version: str, parts: int) -> str:
    """Return the major version: `17.6` -> `17` for PostgreSQL. PostgreSQL 9 and older have two numbers in it."""
    return ".".join(version.split(".")[: 2 if _OLD_POSTGRES.match(version) else parts])


def _description(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a description with characters other than printable ASCII."""
    for name in ("Description", "DBSubnetGroupDescription"):
        text = parameters.get(name)
        if isinstance(text, str) and known(text) and not (text.isascii() and text.isprintable()):
            yield RefusedError(
                "InvalidParameterValue",
                f"The parameter {name} must not contain non-printable control characters.",
                path=(name,),
                value=text,
                source="https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/rds/pf-rds-description-printable",
            )


def _group_used(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse the deletion of a parameter group that an instance uses."""
    name = parameters.get("DBParameterGroupName")
    for instance in ask("rds", "DescribeDBInstances")["DBInstances"]:
        if name in {group["DBParameterGroupName"] for group in instance.get("DBParameterGroups", ())}:
            yield RefusedError(
                "InvalidDBParameterGroupState",
                f"One or more database instances are still members of this parameter group {name}, so the group "
                "cannot be deleted",
                path=("DBParameterGroupName",),
                value=name,
                source=f"{_API}/API_DeleteDBParameterGroup.html",
            )


def _subnet_group_name(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse the name `default`, which RDS reserves."""
    name = parameters.get("DBSubnetGroupName")
    if isinstance(name, str) and name.lower() == "default":
        yield RefusedError(
            "InvalidParameterValue",
            f"The DB subnet group name {name} is reserved",
            path=("DBSubnetGroupName",),
            value=name,
            source=f"{_API}/API_CreateDBSubnetGroup.html",
        )


def _one_subnet(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a single subnet, which is in one availability zone."""
    ids = parameters.get("SubnetIds")
    if isinstance(ids, list) and len(ids) == 1:
        yield _too_few_zones(ids, "")


def _too_few_zones(ids: list[Any], zone: str) -> RefusedError:
    current = f" Current AZ coverage: {zone}." if zone else ""
    return RefusedError(
        "DBSubnetGroupDoesNotCoverEnoughAZs",
        f"The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement.{current} Add subnets to cover "
        "at least 2 AZs.",
        path=("SubnetIds",),
        value=ids,
        source=f"{_API}/API_CreateDBSubnetGroup.html",
    )


def _zones(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Require subnets in two availability zones, for an instance and its standby."""
    ids = [id_ for id_ in parameters.get("SubnetIds") or () if isinstance(id_, str)]
    subnets = lookup(ask, "ec2", "DescribeSubnets", SubnetIds=ids).get("Subnets") if ids else None
    zones = sorted({subnet["AvailabilityZone"] for subnet in subnets or ()})
    if len(zones) == 1:
        yield _too_few_zones(ids, zones[0])


def _subnets_used(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse the deletion of a subnet group that an instance uses."""
    name = parameters.get("DBSubnetGroupName")
    for instance in ask("rds", "DescribeDBInstances")["DBInstances"]:
        if name == (instance.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"):
            yield RefusedError(
                "InvalidDBSubnetGroupStateFault",
                f"Cannot delete the subnet group '{name}' because at least one database instance: "
                f"{instance['DBInstanceIdentifier']} is still using it.",
                path=("DBSubnetGroupName",),
                value=name,
                source=f"{_API}/API_DeleteDBSubnetGroup.html",
            )


REQUEST_RULES: RequestRules = {
    ("rds", "CreateDBParameterGroup"): (_family, _description),
    ("rds", "CreateDBSubnetGroup"): (_subnet_group_name, _description, _one_subnet),
    ("rds", "ModifyDBSubnetGroup"): (_description, _one_subnet),
}
STATE_RULES: StateRules = {
    ("rds", "DeleteDBParameterGroup"): (_group_used,),
    ("rds", "CreateDBSubnetGroup"): (_zones,),
    ("rds", "ModifyDBSubnetGroup"): (_zones,),
    ("rds", "DeleteDBSubnetGroup"): (_subnets_used,),
}
