"""Rules of RDS about the parameters of a PostgreSQL parameter group: names, apply methods and values."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.judge.refusal import Path, RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup
from localcloud.aws.specifications import tables
from localcloud.aws.specifications.tables import Parameter

_API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference"
_FIRST_MAJOR = 15  # the first major version in the table
_ALWAYS = (0, 999)
_SWITCH = (Parameter(*_ALWAYS, "dynamic", "bool"),)
# Parameters of RDS and of extensions, and parameters for which RDS accepts other values than PostgreSQL:
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html,
# .../PostgreSQL.Concepts.General.FeatureSupport.LogicalReplication.html, .../USER_LogAccess.Concepts.PostgreSQL.html
# and https://www.postgresql.org/docs/18/pgstatstatements.html.
_OF_RDS: Mapping[str, tuple[Parameter, ...]] = {
    "rds.force_ssl": _SWITCH,
    "rds.logical_replication": (Parameter(*_ALWAYS, "static", "bool"),),
    "rds.log_retention_period": (Parameter(*_ALWAYS, "dynamic", "integer", "1440..10080"),),
    "rds.restrict_password_commands": _SWITCH,
    "pg_stat_statements.max": (Parameter(*_ALWAYS, "static", "integer", "100..2147483647"),),
    "pg_stat_statements.save": _SWITCH,
    "pg_stat_statements.track": (Parameter(*_ALWAYS, "dynamic", "enum", "none,top,all"),),
    # https://github.com/apecloud/kubeblocks: "Allowed Values: [6-8388607]", from RDS's table.
    "max_connections": (Parameter(*_ALWAYS, "static", "integer", "6..8388607"),),
    "archive_command": (Parameter(*_ALWAYS, "internal"),),
}
_LOG_CONNECTIONS = "receipt,authentication,authorization,setup_durations,all"  # items of the list since PostgreSQL 18
_SINCE_LISTS = 18
_BOOLEANS = frozenset({"0", "1", "on", "off", "true", "false", "yes", "no"})


def _parameters(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse parameters, values and apply methods that are invalid in the PostgreSQL version of the group."""
    group = str(parameters.get("DBParameterGroupName", ""))
    found = lookup(ask, "rds", "DescribeDBParameterGroups", DBParameterGroupName=group).get("DBParameterGroups")
    number = re.fullmatch(r"postgres(\d+)", str(found[0]["DBParameterGroupFamily"]) if found else "")
    if number:
        yield from _of_postgres(parameters, int(number[1]))


def _in_every_version(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse parameters that are invalid in every PostgreSQL version. A preview does not know the group's version."""
    yield from _of_postgres(parameters, None)


def _of_postgres(parameters: Parameters, major: int | None) -> Iterator[RefusedError]:
    """Refuse parameters that are invalid in a major version, or in all versions if `major` is None.

    The table has no versions before 15. For those, accept unknown parameter names.
    """
    for index, each in enumerate(parameters.get("Parameters") or ()):
        name, method, value = (each.get(key) for key in ("ParameterName", "ApplyMethod", "ParameterValue"))
        if not isinstance(name, str) or not known(name):
            continue
        at: Path = ("Parameters", index)
        entries = _entries(name.lower(), major)
        if major is not None and major >= _FIRST_MAJOR and not entries and "." not in name:
            source = "https://github.com/hashicorp/terraform-provider-aws/issues/522"
            yield _wrong((*at, "ParameterName"), name, f"Could not find parameter with name: {name}", source)
        elif entries and all(one.kind == "internal" for one in entries):
            source = "botocore rds Parameter.IsModifiable"
            yield _wrong((*at, "ParameterName"), name, f"The parameter {name} cannot be modified.", source)
        elif entries and isinstance(value, str) and known(value):
            yield from _value(name, value, entries, (*at, "ParameterValue"))
        if method == "immediate" and entries and all(one.kind == "static" for one in entries):
            yield RefusedError(
                "InvalidParameterCombination",
                "cannot use immediate apply method for static parameter",
                path=(*at, "ApplyMethod"),
                value=method,
                source=f"{_API}/API_ModifyDBParameterGroup.html",
            )


def _entries(name: str, major: int | None) -> list[Parameter]:
    """Return the definitions of a parameter in a major version, or in all versions if `major` is None."""
    listed = _OF_RDS.get(name) or tables.postgres_parameters().get(name, ())
    return [one for one in listed if major is None or one.since <= major <= one.until]


def _value(name: str, value: str, entries: list[Parameter], path: Path) -> Iterator[RefusedError]:
    """Refuse a value that the parameter accepts in none of the versions."""
    if not any(_takes(name, value, one) for one in entries):
        accepted = "0, 1" if entries[0].type == "bool" else entries[0].limits.replace("..", "-").replace(",", ", ")
        if name == "log_connections" and entries[0].since >= _SINCE_LISTS:
            accepted = _LOG_CONNECTIONS.replace(",", ", ")
        words = f"Invalid parameter value: {value} for: {name} allowed values are: {accepted}"
        yield _wrong(path, value, words, "botocore rds Parameter.AllowedValues")


def _takes(name: str, value: str, parameter: Parameter) -> bool:
    """Return whether a parameter accepts a value, such as `LEAST({DBInstanceClassMemory/9531392},5000)`."""
    lower = value.strip().lower()
    match parameter.type:
        case "bool":
            return lower in _BOOLEANS
        case "enum":
            listed = parameter.limits.split(",")
            return lower in listed or ("on" in listed and lower in _BOOLEANS)
        case "integer" | "real":
            return "{" in value or _is_within(parameter, lower)
    listed = lower.replace(" ", "").split(",")
    return name != "log_connections" or set(listed) <= set(_LOG_CONNECTIONS.split(","))


def _is_within(parameter: Parameter, text: str) -> bool:
    """Return whether a text is a number without a unit in the parameter's range."""
    form = r"-?\d{1,19}" if parameter.type == "integer" else r"-?\d{1,19}(\.\d{1,19})?(e-?\d{1,3})?"
    low, high = map(float, parameter.limits.split(".."))
    return re.fullmatch(form, text, re.ASCII) is not None and low <= float(text) <= high


def _wrong(path: Path, value: Any, words: str, source: str) -> RefusedError:
    return RefusedError("InvalidParameterValue", words, path=path, value=value, source=source)


REQUEST_RULES: RequestRules = {("rds", "ModifyDBParameterGroup"): (_in_every_version,)}
STATE_RULES: StateRules = {("rds", "ModifyDBParameterGroup"): (_parameters,)}
