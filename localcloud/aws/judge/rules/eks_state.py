"""What the rules of EKS read: a cluster, a role and whom it trusts, and values inside of blocks."""

import json
from collections.abc import Mapping
from typing import Any

from localcloud.aws.judge.refusal import Path, RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, lookup


def part(value: Any, *names: str) -> Any:
    """A value inside of blocks; None where one of them is not given or not known yet."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if known(value) else None


def invalid(path: Path, value: Any, words: str, source: str) -> RefusedError:
    """A parameter that EKS does not take."""
    return RefusedError("InvalidParameterException", words, path=path, value=value, source=source)


def role_name(arn: str) -> str:
    """The name of a role, without its path; "" if it is no role's ARN."""
    return arn.rpartition("/")[2] if ":role/" in arn else ""


def trusts(ask: Ask, arn: str, service: str) -> bool:
    """Whether a role exists and a service may assume it."""
    name = role_name(arn)
    role = lookup(ask, "iam", "GetRole", RoleName=name).get("Role") if name else None
    if not role or role["Arn"] != arn:
        return False
    policy = role["AssumeRolePolicyDocument"]
    document = json.loads(policy) if isinstance(policy, str) else policy
    statements = document.get("Statement", ())
    return any(
        statement.get("Effect") == "Allow" and service in _services(statement)
        for statement in (statements if isinstance(statements, list) else [statements])
    )


def _services(statement: Mapping[str, Any]) -> list[str]:
    principal = statement.get("Principal")
    services = principal.get("Service", ()) if isinstance(principal, Mapping) else ()
    return [services] if isinstance(services, str) else list(services)


def cluster(ask: Ask, name: Any) -> dict[str, Any]:
    """The cluster as `DescribeCluster` tells it; {} if there is none."""
    return dict(lookup(ask, "eks", "DescribeCluster", name=str(name)).get("cluster") or {})


def mode_of(found: Mapping[str, Any]) -> str:
    """How a cluster authenticates; `CONFIG_MAP` where it was not said."""
    return str(part(found, "accessConfig", "authenticationMode") or "CONFIG_MAP")
