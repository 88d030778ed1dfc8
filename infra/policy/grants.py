"""Judges the breadth of a statement's actions and resources as patterns, not as texts."""

import re
from collections.abc import Iterator
from string import ascii_uppercase

from infra.policy.documents import Statement, conditions, texts
from infra.policy.requirements import required
from localcloud.aws.iam.patterns import ARN_PARTS, matches_action

_ANY = re.compile(r"[*?]+")
# Prefixes of ARNs whose remaining part is the name of a resource:
# https://docs.aws.amazon.com/service-authorization/latest/reference/
_KINDS = (
    "alias/",
    "cluster/",
    "db:",
    "function:",
    "group/",
    "instance-profile/",
    "instance/",
    "key/",
    "log-group:",
    "parameter/",
    "policy/",
    "repository/",
    "role/",
    "secret:",
    "stack/",
    "stream/",
    "table/",
    "topic/",
    "user/",
)
_EVERY_NAME = re.compile(rf"({'|'.join(map(re.escape, _KINDS))})?[*?:/]*\*[*?:/]*")
# Names that no action has. A pattern matches all of them only if it names no action.
_NO_ACTION = tuple(f"{letter}~" for letter in ascii_uppercase)


def whole_services(statement: Statement) -> Iterator[str]:
    """Yield the patterns of a statement that together match every action of a service."""
    patterns = texts(statement.get("Action"))
    alone = [pattern for pattern in patterns if _covers_service(_service(pattern), [pattern])]
    yield from alone
    covered = {_service(pattern) for pattern in alone}
    for service in dict.fromkeys(map(_service, patterns)):
        if service not in covered and _covers_service(service, patterns):
            yield ", ".join(pattern for pattern in patterns if _service(pattern) == service)


def every_action(pattern: str) -> bool:
    """Return whether a pattern matches every action of every service."""
    return _covers_service("~", [pattern])


def everywhere(statement: Statement) -> bool:
    """Return whether a statement applies to all resources, at least of one kind, in any account or in a whole one."""
    if "NotResource" in statement:
        return not any(each == "*" for each in texts(statement["NotResource"]))
    return any(map(_every_resource, texts(statement.get("Resource")))) and not _limited_by_tags(statement)


def _service(pattern: str) -> str:
    """Return a name of a service that the pattern matches."""
    service, colon, _ = pattern.partition(":")
    return _ANY.sub("~", service).lower() if colon else "~"


def _covers_service(service: str, patterns: list[str]) -> bool:
    return all(any(matches_action(pattern, f"{service}:{name}") for pattern in patterns) for name in _NO_ACTION)


def _every_resource(pattern: str) -> bool:
    parts = pattern.split(":", ARN_PARTS - 1)
    if len(parts) < ARN_PARTS:  # a wildcard at the end of a part also matches the following parts
        return pattern.endswith("*")
    return bool(_EVERY_NAME.fullmatch(parts[-1]))


def _limited_by_tags(statement: Statement) -> bool:
    """Return whether the resource must have a tag with a certain value."""
    return any(
        required(operator) and ":resourcetag/" in key.lower() and values and "*" not in values
        for operator, key, values in conditions(statement)
    )
