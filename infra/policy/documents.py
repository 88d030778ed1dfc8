"""Reads IAM policy documents: statements, conditions and principals."""

from collections.abc import Iterator
from typing import Any

from infra.resources.properties import document, items, mapping

Statement = dict[str, Any]

# Condition keys that limit a statement to one account, organisation, network or caller.
NARROWING_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "kms:calleraccount",
    }
)


def allowing(policy: Any) -> Iterator[Statement]:
    """Yield the Allow statements of a policy document; none if the document is unknown."""
    for statement in items(mapping(document(policy)).get("Statement")):
        if mapping(statement).get("Effect") == "Allow":
            yield statement


def texts(value: Any) -> list[str]:
    """Return the known strings of a field, whose value is a string or a list."""
    return [each for each in items(value) if isinstance(each, str)]


def conditions(statement: Statement) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the operator, key and values of each condition."""
    for operator, keys in mapping(statement.get("Condition")).items():
        for key, values in mapping(keys).items():
            yield operator, key, texts(values)


def anyone(statement: Statement) -> bool:
    """Return whether the statement applies to everyone, also through `NotPrincipal`."""
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal")
    return principal == "*" or "*" in texts(mapping(principal).get("AWS"))


def narrowed(statement: Statement) -> bool:
    """Return whether a condition limits the callers by one of `NARROWING_KEYS`, without a leading wildcard."""
    return any(
        key.lower() in NARROWING_KEYS
        and operator.split(":")[-1].startswith(("StringEquals", "StringLike", "ArnEquals", "ArnLike"))
        and not operator.endswith("IfExists")
        and values
        and not any(value.startswith(("*", "arn:aws:*:*:*")) for value in values)
        for operator, key, values in conditions(statement)
    )
