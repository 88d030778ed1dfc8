"""Rules of RDS about an instance: engine, version, class, names, password, port and parameter group."""

import re
from collections.abc import Iterator

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.rds_state import instance, invalid, of_instance
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup, region_of
from localcloud.aws.specifications import tables

# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/rds/pf-rds"
_CREATE = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"
_CLASSES = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html"
_PASSWORD_LENGTHS = {"postgres": 128, "mysql": 41, "mariadb": 41, "db2": 255, "sqlserver": 128, "oracle": 30}
# Tried against a live account: https://github.com/floci-io/floci/pull/3730.
_USERNAME_LENGTHS = {"postgres": 63, "mysql": 32, "mariadb": 16}
_DB_NAME_LENGTHS = {"postgres": 63, "mysql": 64, "mariadb": 64}
# Keywords that PostgreSQL 18 reserves: https://www.postgresql.org/docs/18/sql-keywords-appendix.html.
_RESERVED = frozenset(
    """all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
    current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc
    distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral
    leading limit localtime localtimestamp not null offset on only or order placing primary references returning select
    session_user some symmetric system_user table then to trailing true union unique user using variadic when where
    window with""".split()  # noqa: SIM905 - read as a text
)


def _engine(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an unknown engine, and a version that RDS does not offer for new instances."""
    engine, version = _text(parameters, "Engine"), _text(parameters, "EngineVersion")
    if engine and engine not in tables.engines():
        yield invalid("Engine", engine, "Invalid DB engine", _CREATE)
    elif engine and version and (offered := tables.engine_versions(engine)) and version not in offered:
        yield RefusedError(
            "InvalidParameterCombination",
            f"Cannot find version {version} for {engine}",
            path=("EngineVersion",),
            value=version,
            source="https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBEngineVersions.html",
        )


def _class(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an unknown instance class, and a class that does not support this engine version."""
    engine, class_ = _text(parameters, "Engine"), _text(parameters, "DBInstanceClass")
    runs_on = tables.instance_classes(engine, _text(parameters, "EngineVersion") or None) if engine else frozenset()
    if not class_ or class_ in runs_on:
        return
    if class_ not in tables.all_instance_classes():
        yield invalid("DBInstanceClass", class_, f"Invalid DB Instance class: {class_}", _CLASSES)
    elif runs_on:
        yield _unsupported(parameters, class_)


def _class_in_region(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse an instance class that RDS does not offer for the engine in this region."""
    class_ = _text(parameters, "DBInstanceClass")
    if class_:
        offered = tables.region_instance_classes(region_of(ask), _text(parameters, "Engine"))
        if offered and class_ not in offered:
            yield _unsupported(parameters, class_)


def _unsupported(parameters: Parameters, class_: str) -> RefusedError:
    names = ("DBInstanceClass", "Engine", "EngineVersion", "LicenseModel")
    combination = ", ".join(f"{name}={parameters[name]}" for name in names if parameters.get(name))
    return RefusedError(
        "InvalidParameterCombination",
        f"RDS does not support creating a DB instance with the following combination: {combination}. For supported "
        "combinations of instance class and database engine version, see the documentation.",
        path=("DBInstanceClass",),
        value=class_,
        source=_CLASSES,
    )


def _username(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a malformed master user name, and one that the engine reserves."""
    engine, name = _text(parameters, "Engine"), _text(parameters, "MasterUsername")
    if not name:
        return
    limit = _USERNAME_LENGTHS.get(engine, 128)
    lower = name.lower()
    if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_]*", name) or len(name) > limit:
        yield invalid("MasterUsername", name, "Invalid master user name", f"{_MEASURED}-master-username-length")
    elif lower == "rdsadmin" or (engine == "postgres" and (lower == "admin" or lower in _RESERVED)):
        words = f"MasterUsername {name} cannot be used as it is a reserved word used by the engine"
        yield invalid("MasterUsername", name, words, "https://github.com/aws-cloudformation/cfn-lint/pull/4425")
    elif engine == "postgres" and lower.startswith("pg_"):
        words = f'MasterUsername {name} cannot be used because role names starting with "pg_" are reserved by the '
        source = "https://github.com/DataShades/ckan-aws-templates/issues/6"
        yield invalid("MasterUsername", name, f"{words}PostgreSQL engine", source)


def _password(parameters: Parameters) -> Iterator[RefusedError]:
    """Require at least 8 printable ASCII characters without `/`, `@`, `"` and space, up to the engine's limit."""
    password = _text(parameters, "MasterUserPassword")
    if not password:
        return
    engine = _text(parameters, "Engine")
    limit = next((length for name, length in _PASSWORD_LENGTHS.items() if engine.startswith(name)), None)
    reason = ""
    if not re.fullmatch(r"[!-~]*", password) or set(password) & set('/@"'):
        reason = ". Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."
    elif len(password) < 8:
        reason = " because it is shorter than 8 characters."
    elif limit and len(password) > limit:
        reason = f" because it is longer than {limit} characters."
    if reason:
        words = f"The parameter MasterUserPassword is not a valid password{reason}"
        yield invalid("MasterUserPassword", password, words, _CREATE)


def _one_password(parameters: Parameters) -> Iterator[RefusedError]:
    """Require either a password or one that RDS manages, and refuse a key for the secret without the latter."""
    managed, given = parameters.get("ManageMasterUserPassword"), "MasterUserPassword" in parameters
    key = parameters.get("MasterUserSecretKmsKeyId")
    if not known(managed) or not known(key):
        return
    if managed and given:
        words = "You can't specify MasterUserPassword if ManageMasterUserPassword is turned on."
        path, source = "MasterUserPassword", _CREATE
    elif managed is False and not given:
        words = "MasterUserPassword must be provided when ManageMasterUserPassword is set to false."
        path, source = (
            "MasterUserPassword",
            "https://github.com/terraform-aws-modules/terraform-aws-rds-aurora/issues/370",
        )
    elif key and not managed:
        words = "A ManageMasterUserPassword value is required when MasterUserSecretKmsKeyId is specified."
        path, source = "MasterUserSecretKmsKeyId", "https://github.com/hashicorp/terraform-provider-aws/issues/41795"
    else:
        return
    yield RefusedError("InvalidParameterCombination", words, path=(path,), value=parameters.get(path), source=source)


def _database_name(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an invalid database name for PostgreSQL, MySQL or MariaDB. Names of other engines are not checked."""
    engine, name = _text(parameters, "Engine"), _text(parameters, "DBName")
    limit = _DB_NAME_LENGTHS.get(engine)
    if not name or limit is None:
        return
    if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_]*", name) or len(name) > limit:
        words = "DBName must begin with a letter and contain only alphanumeric characters."
        yield invalid("DBName", name, words, _CREATE)
    elif engine == "postgres" and (name.lower() == "db" or name.lower() in _RESERVED):
        yield invalid("DBName", name, f"DBName {name} cannot be used. It is a reserved word for this engine", _CREATE)


def _port(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a port from 1150 to 65535."""
    name = "Port" if "Port" in parameters else "DBPortNumber"
    port = parameters.get(name)
    if isinstance(port, int) and not 1150 <= port <= 65535:
        words = f"Invalid endpoint port {port}. Valid range is: 1150-65535"
        yield invalid(name, port, words, f"{_MEASURED}-port-range")


def _taken(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse an identifier that another instance in the account and region has."""
    name = str(parameters.get("DBInstanceIdentifier", ""))
    if instance(ask, name):
        yield RefusedError(
            "DBInstanceAlreadyExists",
            "DB instance already exists",
            path=("DBInstanceIdentifier",),
            value=name,
            source=_CREATE,
        )


def _parameter_group(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a parameter group of another major version than the engine's."""
    engine, version = str(parameters.get("Engine", "")), str(parameters.get("EngineVersion") or "")
    group = str(parameters.get("DBParameterGroupName") or "")
    if engine != "postgres" or not version or not group or group.startswith("default."):
        return
    found = lookup(ask, "rds", "DescribeDBParameterGroups", DBParameterGroupName=group).get("DBParameterGroups")
    family, wanted = found[0]["DBParameterGroupFamily"] if found else "", f"postgres{version.partition('.')[0]}"
    if family and family != wanted:
        yield RefusedError(
            "InvalidParameterCombination",
            f"The Parameter Group {group} with DBParameterGroupFamily {family} cannot be used for this instance. "
            f"Please use a Parameter Group with DBParameterGroupFamily {wanted}",
            path=("DBParameterGroupName",),
            value=group,
            source="https://github.com/aws/aws-cdk/issues/32933",
        )


def _protected(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse the deletion of an instance with deletion protection."""
    found = instance(ask, str(parameters["DBInstanceIdentifier"]))
    if found and found.get("DeletionProtection"):
        yield RefusedError(
            "InvalidParameterCombination",
            "Cannot delete protected DB Instance, please disable deletion protection and try again.",
            path=("DeletionProtection",),
            value=True,
            source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
        )


def _text(parameters: Parameters, name: str) -> str:
    """Return a text parameter, or "" if it is not set or not known yet."""
    value = parameters.get(name)
    return value if isinstance(value, str) and known(value) else ""


REQUEST_RULES: RequestRules = {
    ("rds", "CreateDBInstance"): (_engine, _class, _username, _password, _one_password, _database_name, _port),
    ("rds", "ModifyDBInstance"): (_password, _one_password, _port),
}
STATE_RULES: StateRules = {
    ("rds", "CreateDBInstance"): (_class_in_region, _taken, _parameter_group),
    ("rds", "ModifyDBInstance"): (of_instance(_engine, _class, _password), of_instance(_parameter_group)),
    ("rds", "DeleteDBInstance"): (_protected,),
}
