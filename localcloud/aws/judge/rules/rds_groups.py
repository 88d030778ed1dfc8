"""Rules of RDS about parameter groups and subnet groups."""

import re
from collections.abc import Iterator
from typing import Any

from localcloud.aws.judge import tables
from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup

_API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference"
# Parameters of RDS and of extensions that the server reads when it starts:
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.FeatureSupport.LogicalReplication.html
# and https://www.postgresql.org/docs/18/pgstatstatements.html.
_STATIC_EXTRAS = frozenset({"rds.logical_replication", "pg_stat_statements.max"})
_FAMILY_PARTS = {"postgres": 1, "aurora-postgresql": 1, "mysql": 2, "mariadb": 2, "aurora-mysql": 2}
_OLD_POSTGRES = re.compile(r"\d\.\d")


def _family(parameters: Parameters) -> Iterator[RefusedError]:
    """The family of an engine that RDS has: its name and its major version."""
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
    """`17.6` -> `17` for PostgreSQL, whose versions before 10 have a major version of two numbers."""
    return ".".join(version.split(".")[: 2 if _OLD_POSTGRES.match(version) else parts])


def _parameters(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Parameters that PostgreSQL has in the family's version, applied in a way that they can be."""
    group = str(parameters.get("DBParameterGroupName", ""))
    found = lookup(ask, "rds", "DescribeDBParameterGroups", DBParameterGroupName=group).get("DBParameterGroups")
    family = str(found[0]["DBParameterGroupFamily"]) if found else ""
    number = re.fullmatch(r"postgres(\d+)", family)
    if number:
        yield from _of_postgres(parameters, int(number[1]))


def _static(parameters: Parameters) -> Iterator[RefusedError]:
    """Parameters that are static in every version are not applied at once."""
    yield from _of_postgres(parameters, None)


def _of_postgres(parameters: Parameters, major: int | None) -> Iterator[RefusedError]:
    """Judge the parameters for a major version, or for what holds in all; the table says nothing of those before 15."""
    table = tables.postgres_parameters()
    for index, each in enumerate(parameters.get("Parameters") or ()):
        name, method = each.get("ParameterName"), each.get("ApplyMethod")
        if not isinstance(name, str) or not known(name):
            continue
        known_kinds = [one for one in table.get(name.lower(), ()) if major is None or one.since <= major <= one.until]
        if major is not None and major >= 15 and not known_kinds and "." not in name:
            yield _wrong(index, "ParameterName", name, f"Could not find parameter with name: {name}")
        static = name in _STATIC_EXTRAS or (known_kinds and all(one.kind == "static" for one in known_kinds))
        if method == "immediate" and static:
            yield RefusedError(
                "InvalidParameterCombination",
                "cannot use immediate apply method for static parameter",
                path=("Parameters", index, "ApplyMethod"),
                value=method,
                source=f"{_API}/API_ModifyDBParameterGroup.html",
            )


def _wrong(index: int, member: str, value: Any, words: str) -> RefusedError:
    source = "https://github.com/hashicorp/terraform-provider-aws/issues/522"
    return RefusedError("InvalidParameterValue", words, path=("Parameters", index, member), value=value, source=source)


def _group_used(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """A parameter group stays while an instance has it."""
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
    """`default` is RDS's own."""
    name = parameters.get("DBSubnetGroupName")
    if isinstance(name, str) and name.lower() == "default":
        yield RefusedError(
            "InvalidParameterValue",
            f"The DB subnet group name {name} is reserved",
            path=("DBSubnetGroupName",),
            value=name,
            source=f"{_API}/API_CreateDBSubnetGroup.html",
        )


def _zones(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Subnets in two zones, for an instance and its standby."""
    ids = [id_ for id_ in parameters.get("SubnetIds") or () if isinstance(id_, str)]
    subnets = lookup(ask, "ec2", "DescribeSubnets", SubnetIds=ids).get("Subnets") if ids else None
    zones = sorted({subnet["AvailabilityZone"] for subnet in subnets or ()})
    if len(zones) == 1:
        yield RefusedError(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: "
            f"{zones[0]}. Add subnets to cover at least 2 AZs.",
            path=("SubnetIds",),
            value=ids,
            source=f"{_API}/API_CreateDBSubnetGroup.html",
        )


def _subnets_used(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """A subnet group stays while an instance is in it."""
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
    ("rds", "CreateDBParameterGroup"): (_family,),
    ("rds", "ModifyDBParameterGroup"): (_static,),
    ("rds", "CreateDBSubnetGroup"): (_subnet_group_name,),
}
STATE_RULES: StateRules = {
    ("rds", "ModifyDBParameterGroup"): (_parameters,),
    ("rds", "DeleteDBParameterGroup"): (_group_used,),
    ("rds", "CreateDBSubnetGroup"): (_zones,),
    ("rds", "ModifyDBSubnetGroup"): (_zones,),
    ("rds", "DeleteDBSubnetGroup"): (_subnets_used,),
}
