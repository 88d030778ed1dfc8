"""Reads IAM policy documents: statements, actions, conditions.

Elements are compared as IAM does: actions and condition keys ignore case, effects and operators do not.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from infra.resources.properties import is_known, items, mapping
from localcloud.aws.iam.patterns import matches_action

Statement = dict[str, Any]


def allowing(policy: Any) -> Iterator[Statement]:
    """Yield the Allow statements of a policy document; none if a part of the document is unknown."""
    return _with_effect(policy, "Allow")


def denying(policy: Any) -> Iterator[Statement]:
    """Yield the Deny statements of a policy document; none if a part of the document is unknown."""
    return _with_effect(policy, "Deny")


def texts(value: Any) -> list[str]:
    """Return the known strings of a field, whose value is a string or a list."""
    return [each for each in items(value) if isinstance(each, str)]


def conditions(statement: Statement) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the operator, key and values of each condition. JSON booleans become `true` and `false`, as in IAM."""
    for operator, keys in mapping(statement.get("Condition")).items():
        for key, values in mapping(keys).items():
            given = [str(each).lower() if isinstance(each, bool) else each for each in items(values)]
            yield operator, key, texts(given)


def covers(statement: Statement, action: str) -> bool:
    """Return whether a statement applies to an action, by a pattern of `Action` or through `NotAction`."""
    if "NotAction" in statement:
        return not any(matches_action(pattern, action) for pattern in texts(statement["NotAction"]))
    return any(matches_action(pattern, action) for pattern in texts(statement.get("Action")))


def _with_effect(policy: Any, effect: str) -> Iterator[Statement]:
    parsed = _parsed(policy) if isinstance(policy, str) else policy
    if not is_known(parsed):
        return
    for statement in items(mapping(parsed).get("Statement")):
        if mapping(statement).get("Effect") == effect:
            yield statement


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Any:
    """Return the parsed document. Cached, because several rules read each document; they do not change it."""
    try:
        return json.loads(text)
    except ValueError:
        return None
