"""Parses policy documents, and evaluates which of their statements apply to a request."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from localcloud.aws.iam.conditions import Context, as_list, holds
from localcloud.aws.iam.patterns import (
    AbsentVariableError,
    Answer,
    UnknownVariableError,
    all_of,
    any_of,
    matches_action,
    matches_arn,
)

WITH_VARIABLES = "2012-10-17"
NO_RESOURCE = "*"
"""The resource of an operation without one, such as `sqs:ListQueues`. Only the pattern `*` matches it."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The caller of a request: a session of a role, a user, an AWS service, or the holder of an OIDC token."""

    names: frozenset[str]
    """Names of the caller in policies: the ARNs of session and role or of an OIDC provider, or a service principal such
    as `pods.eks.amazonaws.com`."""
    session: str = ""
    """ARN of the session. If a resource's policy allows it by this ARN, permissions boundaries do not apply."""
    account: str = ""
    """Id of the caller's account. Empty for a service."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request for one action on one resource."""

    action: str
    """The action, such as `sqs:SendMessage`."""
    resource: str | None
    """ARN of the resource, `NO_RESOURCE`, or None if the local account cannot determine it."""
    caller: Caller
    context: Context = field(default_factory=Context)


@dataclass(frozen=True)
class Statement:
    """A statement of a policy document."""

    body: Mapping[str, Any]
    variables: bool
    """Whether `${...}` is a policy variable, as in documents of version 2012-10-17."""

    @property
    def allows(self) -> bool:
        """Whether the effect is `Allow`. Otherwise it is `Deny`."""
        return bool(self.body["Effect"] == "Allow")


@dataclass(frozen=True)
class Effect:
    """The effect of a set of statements on a request."""

    denied: bool = False
    allowed: bool = False
    unknown: frozenset[str] = frozenset()
    """Names of what could not be evaluated. A `Deny` that depends on it denies, an `Allow` does not allow."""


Covers = Literal["nobody", "account", "caller"]


def statements(document: str | Mapping[str, Any]) -> list[Statement]:
    """Return the statements of a policy document, given as JSON text or parsed."""
    return list(_parsed(document)) if isinstance(document, str) else list(_statements(document))


@lru_cache(maxsize=1024)
def _parsed(document: str) -> tuple[Statement, ...]:
    """Return the statements of a policy document. Cached, because every request evaluates the same policies."""
    return _statements(json.loads(document))


def _statements(parsed: Mapping[str, Any]) -> tuple[Statement, ...]:
    found = parsed.get("Statement") or []
    variables = parsed.get("Version") == WITH_VARIABLES
    return tuple(Statement(item, variables) for item in (found if isinstance(found, list) else [found]))


def effect(of: Iterable[Statement], request: Request) -> Effect:
    """Return the effect of statements on a request, regardless of their `Principal` element."""
    denied = allowed = False
    unknown: set[str] = set()
    for statement in of:
        answer, names = applies(statement, request)
        unknown |= names
        if statement.allows:
            allowed = allowed or answer is True
        else:
            denied = denied or answer is not False
    return Effect(denied, allowed, frozenset(unknown))


def applies(statement: Statement, request: Request) -> tuple[Answer, set[str]]:
    """Return whether a statement's action, resource and conditions match a request, and what cannot be evaluated."""
    if not _covers_action(statement.body, request.action):
        return False, set()
    resource, unknown = _covers_resource(statement, request)
    if resource is False:
        return False, set()
    met, names = holds(statement.body.get("Condition") or {}, request.context, variables=statement.variables)
    answer = all_of([resource, met])
    return answer, (unknown | names if answer is None else set())


def covers_caller(statement: Statement, caller: Caller) -> Covers:
    """Return whether the `Principal` of a statement covers the caller itself, its whole account, or neither.

    A statement for an account delegates to the account's own policies: an `Allow` alone does not allow its principals,
    but a `Deny` denies all of them.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    principal = statement.body.get("Principal")
    if principal is None:
        # NotPrincipal is not evaluated, so a Deny applies to every caller.
        return "nobody" if statement.allows or "NotPrincipal" not in statement.body else "caller"
    named = {"AWS": [principal]} if isinstance(principal, str) else principal
    names = {name for kind in ("AWS", "Service", "Federated") for name in as_list(named.get(kind) or [])}
    if "*" in names or names & caller.names:
        return "caller"
    account = {caller.account, f"arn:aws:iam::{caller.account}:root"} if caller.account else set()
    return "account" if names & account else "nobody"


def _covers_action(body: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in body:
        return not any(matches_action(pattern, action) for pattern in as_list(body["NotAction"]))
    return any(matches_action(pattern, action) for pattern in as_list(body.get("Action") or []))


def _covers_resource(statement: Statement, request: Request) -> tuple[Answer, set[str]]:
    body = statement.body
    if "Resource" not in body and "NotResource" not in body:  # a trust policy, whose role is the resource
        return True, set()
    negated = "NotResource" in body
    unknown: set[str] = set()
    patterns = as_list(body["NotResource" if negated else "Resource"])
    found = any_of([_covers(statement, pattern, request, unknown) for pattern in patterns])
    return (None if found is None else found != negated), (unknown if found is None else set())


def _covers(statement: Statement, pattern: str, request: Request, unknown: set[str]) -> Answer:
    if pattern == NO_RESOURCE:
        return True
    if request.resource == NO_RESOURCE:
        return False
    if request.resource is None:
        unknown.add(f"the resource of {request.action}")
        return None
    try:
        return matches_arn(pattern, request.resource, request.context.get if statement.variables else None)
    except AbsentVariableError:
        return False
    except UnknownVariableError as error:
        unknown.add(str(error))
        return None
