"""Evaluates rules in the Common Expression Language, the language of `x-kubernetes-validations`."""

import re
from functools import cache
from typing import Any

from cel_expr_python import cel

from localcloud.protocol.values import UNKNOWN, is_unknown

REASONS = {
    "FieldValueDuplicate": "Duplicate value",
    "FieldValueForbidden": "Forbidden",
    "FieldValueInvalid": "Invalid value",
    "FieldValueRequired": "Required value",
}
"""The API server's words for the reasons that a rule can name."""
_PATH = re.compile(r"(has\()?\bself((?:\.\w+\b(?!\())*)")


def holds(rule: str, value: Any) -> bool:
    """Return whether a value satisfies a rule; True if the rule reads a value that is unknown in a preview.

    A rule that reads a property that is not set fails, as in the API server. Rules about changes (`oldSelf`)
    hold here: the API server checks them.
    """
    if "oldSelf" in rule:
        return True
    if any(_is_unknown_at(value, path, deep=deep) for path, deep in _paths(rule)):
        return True
    result = _program(rule).eval(data={"self": value})
    if result.type() == cel.Type.ERROR:
        return "no such key" not in str(result.value()).lower()
    return bool(result.value())


def _is_unknown_at(value: Any, path: tuple[str, ...], *, deep: bool) -> bool:
    for step in path:
        if not isinstance(value, dict) or step not in value:
            return bool(value == UNKNOWN)
        value = value[step]
    return is_unknown(value) if deep else bool(value == UNKNOWN)


@cache
def _paths(rule: str) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """Return the paths of the properties that a rule reads, and whether it reads what they contain."""
    return tuple({(tuple(match[2].split(".")[1:]), match[1] is None) for match in _PATH.finditer(rule)})


@cache
def _program(rule: str) -> cel.Expression:
    return _environment().compile(rule)


@cache
def _environment() -> cel.Env:
    return cel.NewEnv(variables={"self": cel.Type.DYN})
