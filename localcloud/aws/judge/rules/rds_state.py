"""An RDS instance as the account has it, and the rules of its creation applied to a change of it."""

from collections.abc import Iterator
from inspect import signature
from typing import Any

from localcloud.aws.judge.refusal import RefusedError
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRule, StateRule, lookup

# What rules between parameters need to know of an instance. Not the IOPS: RDS also reports those that it set itself.
_CONTEXT = (
    "AllocatedStorage",
    "DBInstanceClass",
    "Engine",
    "EngineVersion",
    "MaxAllocatedStorage",
    "MultiAZ",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "StorageType",
)


def invalid(name: str, value: Any, words: str, source: str) -> RefusedError:
    """A parameter with a value that RDS does not take."""
    return RefusedError("InvalidParameterValue", words, path=(name,), value=value, source=source)


def combination(name: str, value: Any, words: str, source: str) -> RefusedError:
    """A parameter that does not go together with the others."""
    return RefusedError("InvalidParameterCombination", words, path=(name,), value=value, source=source)


def instance(ask: Ask, identifier: str) -> dict[str, Any]:
    """The instance as `DescribeDBInstances` tells it; {} if there is none."""
    found = lookup(ask, "rds", "DescribeDBInstances", DBInstanceIdentifier=identifier).get("DBInstances")
    return dict(found[0]) if found else {}


def of_instance(*rules: RequestRule | StateRule) -> StateRule:
    """Rules of a creation as one of a change: they see the parameters of the change, and beside them the instance."""

    def judge(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
        found = instance(ask, str(parameters["DBInstanceIdentifier"]))
        if not found:
            return
        groups: Any = found.get("DBParameterGroups") or ({},)
        context = {name: found[name] for name in _CONTEXT if found.get(name) is not None}
        context |= {"DBParameterGroupName": groups[0].get("DBParameterGroupName")}
        merged = {**context, **parameters}
        for rule in rules:
            asks = len(signature(rule).parameters) == 2
            yield from rule(merged, ask) if asks else rule(merged)  # type: ignore[call-arg]

    return judge
