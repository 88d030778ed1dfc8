"""Functions that the rules of EKS share: reads of clusters and roles, values in nested blocks, and errors."""

from collections.abc import Mapping
from typing import Any

from localcloud.aws.iam.conditions import Context
from localcloud.aws.iam.decision import trusts as decide
from localcloud.aws.iam.policy import Caller, Request, statements
from localcloud.aws.judge.refusal import Path, RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, lookup


def part(value: Any, *names: str) -> Any:
    """Return a value in nested blocks, or None if it or one of the blocks is not set or not known yet."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if known(value) else None


def invalid(path: Path, value: Any, words: str, source: str) -> RefusedError:
    """Return the error for an invalid parameter."""
    return RefusedError("InvalidParameterException", words, path=path, value=value, source=source)


def in_use(path: Path, value: Any, words: str, source: str) -> RefusedError:
    """Return the error for a resource that already exists."""
    return RefusedError("ResourceInUseException", words, path=path, value=value, source=source)


def role_name(arn: str) -> str:
    """Return the name of a role without its path, or "" if the ARN is not that of a role."""
    return arn.rpartition("/")[2] if ":role/" in arn else ""


def trusts(ask: Ask, arn: str, service: str, context: Context | None = None) -> bool:
    """Return whether a role exists and a service may assume it.

    Args:
        ask: reads the account.
        arn: ARN of the role.
        service: service principal, such as `eks.amazonaws.com`.
        context: condition keys of the service's request. A condition on any other key is assumed to be met.
    """
    name = role_name(arn)
    role = lookup(ask, "iam", "GetRole", RoleName=name).get("Role") if name else None
    if not role or role["Arn"] != arn:
        return False
    caller = Caller(names=frozenset({service}))
    request = Request(action="sts:AssumeRole", resource=arn, caller=caller, context=context or Context())
    decision = decide(statements(role["AssumeRolePolicyDocument"]), request)
    return decision.allowed or bool(decision.unknown)


def cluster(ask: Ask, name: Any) -> Mapping[str, Any]:
    """Return the cluster from `DescribeCluster`, or {} if it does not exist."""
    found: Mapping[str, Any] = lookup(ask, "eks", "DescribeCluster", name=str(name)).get("cluster") or {}
    return found


def mode_of(found: Mapping[str, Any]) -> str:
    """Return the authentication mode of a cluster. The default is `CONFIG_MAP`."""
    return str(part(found, "accessConfig", "authenticationMode") or "CONFIG_MAP")
