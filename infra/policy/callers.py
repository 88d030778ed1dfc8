"""Judges who may use a statement: everybody, or callers that a condition limits.

A condition limits the callers only if a request must have its key, the caller does not choose the value freely, and the
value names an account, an organisation, a network or a resource. Source:
https://docs.aws.amazon.com/sdkfornet/v3/apidocs/items/S3/TPublicAccessBlockConfiguration.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from infra.policy.cidrs import is_world
from infra.policy.documents import Statement, allowing, conditions, denying, texts
from infra.policy.requirements import has_wildcards, refuses_others, required
from infra.resources.properties import mapping
from localcloud.aws.iam.patterns import ARN_PARTS, matches_action, matches_arn

Narrow = Callable[[str], bool]
"""Returns whether a pattern matches only values that strangers cannot have."""

_OPEN = re.compile(r"[*?]|\$\{(?!aws:ResourceAccount\})")
"""A wildcard, or a variable whose value the caller has; the account of the resource is no such variable."""


def public_statements(policy: Any) -> Iterator[Statement]:
    """Yield the statements that allow everybody, unless a Deny statement of the document refuses strangers."""
    denials = list(denying(policy))
    for statement in allowing(policy):
        if anyone(statement) and not narrowed(statement) and not any(_closes(each, statement) for each in denials):
            yield statement


def anyone(statement: Statement) -> bool:
    """Return whether the statement applies to everyone, also through `NotPrincipal`."""
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal")
    named = [each for values in mapping(principal).values() for each in texts(values)]
    return "*" in [*texts(principal), *named]


def narrowed(statement: Statement) -> bool:
    """Return whether a condition limits the callers."""
    return any(required(operator) and _narrow(operator, key, values) for operator, key, values in conditions(statement))


def _narrow(operator: str, key: str, values: list[str]) -> bool:
    judge = _NARROW.get(key.lower())
    if judge is None or not values:
        return False
    literal = not has_wildcards(operator) and judge in (_literal, _arn, _organisation, _user)
    return all((literal and "${" not in value) or judge(value) for value in values)


def _closes(denial: Statement, allowed: Statement) -> bool:
    """Return whether a Deny statement refuses strangers all that an Allow statement allows."""
    found = list(conditions(denial))
    if len(found) != 1 or not _applies_to_everyone(denial):
        return False
    [(operator, key, values)] = found
    return (
        refuses_others(operator)
        and _narrow(operator, key, values)
        and _includes(denial, allowed, "Action", matches_action)
        and _includes(denial, allowed, "Resource", matches_arn)
    )


def _applies_to_everyone(denial: Statement) -> bool:
    return "NotPrincipal" not in denial and anyone(denial)


def _includes(outer: Statement, inner: Statement, element: str, matches: Callable[[str, str], bool]) -> bool:
    """Return whether the patterns of one statement include those of another; patterns match narrower patterns."""
    if f"Not{element}" in outer or f"Not{element}" in inner:
        return "*" in texts(outer.get(element))
    patterns = texts(outer.get(element))
    return all(any(matches(pattern, each) for pattern in patterns) for each in texts(inner.get(element)))


def _literal(value: str) -> bool:
    return not _OPEN.search(value)


def _arn(value: str) -> bool:
    """Return whether an ARN names its account, or, if it has none, such as that of a bucket, the whole resource."""
    parts = value.split(":", ARN_PARTS - 1)
    if len(parts) < ARN_PARTS:
        return False
    account, resource = parts[4], parts[5]
    name = resource.partition("/")[0] if parts[2] == "s3" else resource
    return _literal(account) if account else _literal(name)


def _organisation(value: str) -> bool:
    return _literal(value.partition("/")[0])


def _user(value: str) -> bool:
    """Return whether a user id names its role or user, such as `AROAEXAMPLEID:*`."""
    return _literal(value.partition(":")[0])


def _networks(value: str) -> bool:
    return not is_world(value)


def _true(value: str) -> bool:
    return value.lower() == "true"


_NARROW: Mapping[str, Narrow] = {
    **dict.fromkeys(
        (
            "aws:principalaccount",
            "aws:principalorgid",
            "aws:sourceaccount",
            "aws:sourceorgid",
            "aws:sourceowner",
            "aws:sourcevpc",
            "aws:sourcevpce",
            "aws:vpceaccount",
            "aws:vpceorgid",
            "kms:calleraccount",
            "s3:dataaccesspointaccount",
        ),
        _literal,
    ),
    **dict.fromkeys(("aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn", "s3:dataaccesspointarn"), _arn),
    **dict.fromkeys(("aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"), _organisation),
    "aws:userid": _user,
    "aws:sourceip": _networks,
    "elasticfilesystem:accessedviamounttarget": _true,
}
"""Condition key in lower case -> whether a value of it is narrow."""
