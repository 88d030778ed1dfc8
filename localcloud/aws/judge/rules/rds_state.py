"""Reads an RDS instance from the account, and applies the rules of its creation to a change of it."""

from collections import ChainMap
from collections.abc import Iterator, Mapping
from inspect import signature
from typing import Any

from localcloud.aws.judge.partial import until_unknown
from localcloud.aws.judge.refusal import RefusedError
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRule, StateRule, lookup

# Attributes of an instance that the rules need. Without IOPS, because RDS also reports its default IOPS.
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
    """Return the error for an invalid value of a parameter."""
    return RefusedError("InvalidParameterValue", words, path=(name,), value=value, source=source)


def combination(name: str, value: Any, words: str, source: str) -> RefusedError:
    """Return the error for a parameter that conflicts with other parameters."""
    return RefusedError("InvalidParameterCombination", words, path=(name,), value=value, source=source)


def instance(ask: Ask, identifier: str) -> Mapping[str, Any]:
    """Return the instance from `DescribeDBInstances`, or {} if it does not exist."""
    found = lookup(ask, "rds", "DescribeDBInstances", DBInstanceIdentifier=identifier).get("DBInstances")
    description: Mapping[str, Any] = found[0] if found else {}
    return description


def of_instance(*rules: RequestRule | StateRule) -> StateRule:
    """Return a rule that applies rules of a creation to a change of an instance.

    The rules receive the parameters of the change, merged with the attributes of the existing instance.
    """

    def judge(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
        found = instance(ask, str(parameters["DBInstanceIdentifier"]))
        if not found:
            return
        groups: Any = found.get("DBParameterGroups") or ({},)
        context = {name: found[name] for name in _CONTEXT if found.get(name) is not None}
        context |= {"DBParameterGroupName": groups[0].get("DBParameterGroupName")}
        # Reads each parameter only when a rule needs it, because a preview does not know all of them.
        merged: Any = ChainMap(parameters, context)  # type: ignore[arg-type]
        for rule in rules:
            asks = len(signature(rule).parameters) == 2
            yield from until_unknown(rule(merged, ask) if asks else rule(merged))  # type: ignore[call-arg]

    return judge
