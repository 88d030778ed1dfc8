"""Policy documents: their statements, and which of them apply to a request."""

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
"""The resource of an operation that has none, such as `sqs:ListQueues`: only `*` covers it."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks: a session of a role, an AWS service that asks for itself, or the holder of an OIDC provider's token."""

    names: frozenset[str]
    """Its ARNs as policies name it: session and role, or an OIDC provider; or a service principal such as
    `pods.eks.amazonaws.com`."""
    session: str = ""
    """ARN of the session; a resource's policy that names it needs no boundary's consent."""
    account: str = ""
    """Id of its account; a service has none."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One action on one resource."""

    action: str
    """Such as `sqs:SendMessage`."""
    resource: str | None
    """Its ARN, NO_RESOURCE, or None where the local account does not know which one is meant."""
    caller: Caller
    context: Context = field(default_factory=Context)


@dataclass(frozen=True)
class Statement:
    """A statement, as its document has it."""

    body: Mapping[str, Any]
    variables: bool
    """Whether `${...}` is a policy variable: in documents of version 2012-10-17."""

    @property
    def allows(self) -> bool:
        """Whether it allows; else it denies."""
        return bool(self.body["Effect"] == "Allow")


@dataclass(frozen=True)
class Effect:
    """What a set of statements says of a request."""

    denied: bool = False
    allowed: bool = False
    unknown: frozenset[str] = frozenset()
    """What could not be evaluated. A Deny that hangs on it denies, an Allow does not allow."""


Covers = Literal["nobody", "account", "caller"]


def statements(document: str | Mapping[str, Any]) -> list[Statement]:
    """Return the statements of a policy document, JSON text or parsed."""
    return list(_parsed(document)) if isinstance(document, str) else list(_statements(document))


@lru_cache(maxsize=1024)
def _parsed(document: str) -> tuple[Statement, ...]:
    """Return the same policies decide on every request."""
    return _statements(json.loads(document))


def _statements(parsed: Mapping[str, Any]) -> tuple[Statement, ...]:
    found = parsed.get("Statement") or []
    variables = parsed.get("Version") == WITH_VARIABLES
    return tuple(Statement(item, variables) for item in (found if isinstance(found, list) else [found]))


def effect(of: Iterable[Statement], request: Request) -> Effect:
    """Return what statements say, whoever they are for."""
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
    """Whether action, resource and conditions of a statement are those of a request, and what cannot be evaluated."""
    if not _covers_action(statement.body, request.action):
        return False, set()
    resource, unknown = _covers_resource(statement, request)
    if resource is False:
        return False, set()
    met, names = holds(statement.body.get("Condition") or {}, request.context, variables=statement.variables)
    answer = all_of([resource, met])
    return answer, (unknown | names if answer is None else set())


def covers_caller(statement: Statement, caller: Caller) -> Covers:
    """Whom of a caller the Principal of a statement covers: nobody, its whole account, or the caller itself.

    A statement for an account lets its administrators decide: it denies everybody in it, and allows nobody by itself.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    principal = statement.body.get("Principal")
    if principal is None:
        # NotPrincipal: which parts of a session it has to list is not evaluated here, so a Deny holds for everybody.
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
    if "Resource" not in body and "NotResource" not in body:  # a trust policy: its role is the resource
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
