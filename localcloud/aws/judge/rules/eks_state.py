"""What the rules of EKS read: a cluster, a role and whom it trusts, and values inside of blocks."""

from collections.abc import Mapping
from typing import Any

from localcloud.aws.iam.conditions import Context
from localcloud.aws.iam.decision import trusts as decide
from localcloud.aws.iam.policy import Caller, Request, statements
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


def in_use(path: Path, value: Any, words: str, source: str) -> RefusedError:
    """Something that there is already."""
    return RefusedError("ResourceInUseException", words, path=path, value=value, source=source)


def role_name(arn: str) -> str:
    """The name of a role, without its path; "" if it is no role's ARN."""
    return arn.rpartition("/")[2] if ":role/" in arn else ""


def trusts(ask: Ask, arn: str, service: str, context: Context | None = None) -> bool:
    """Whether a role exists and a service may assume it.

    Args:
        ask: reads the account.
        arn: of the role.
        service: such as `eks.amazonaws.com`.
        context: condition keys of the service's request; a condition on any other key is taken to hold.
    """
    name = role_name(arn)
    role = lookup(ask, "iam", "GetRole", RoleName=name).get("Role") if name else None
    if not role or role["Arn"] != arn:
        return False
    caller = Caller(names=frozenset({service}))
    request = Request(action="sts:AssumeRole", resource=arn, caller=caller, context=context or Context())
    decision = decide(statements(role["AssumeRolePolicyDocument"]), request)
    return decision.allowed or bool(decision.unknown)


def cluster(ask: Ask, name: Any) -> dict[str, Any]:
    """The cluster as `DescribeCluster` tells it; {} if there is none."""
    return dict(lookup(ask, "eks", "DescribeCluster", name=str(name)).get("cluster") or {})


def mode_of(found: Mapping[str, Any]) -> str:
    """How a cluster authenticates; `CONFIG_MAP` where it was not said."""
    return str(part(found, "accessConfig", "authenticationMode") or "CONFIG_MAP")
