"""What a policy document allows, and what it allows beyond another one, by the meaning of its patterns.

Statements are compared as sets of single allowances. One that a wider one of the other document includes is not new.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html (forms of an
account) and .../reference_policies_elements_condition_operators.html (ArnEquals and ArnLike are the same).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from infra.policy.callers import anyone
from infra.policy.documents import Statement, allowing, conditions, denying, texts
from infra.policy.requirements import has_wildcards, refuses_others
from infra.resources.properties import document, is_known, mapping
from localcloud.aws.iam.patterns import matches_action, matches_arn, matches_text

EVERYBODY = "everybody"
BUT_A_FEW = "all but a few"
ACCOUNT = re.compile(r"^arn:[\w-]+:iam::(\d+):root$")
"""The principal that is an account, which can be given by its number too."""
Condition = tuple[str, str, frozenset[str]]


@dataclass(frozen=True, kw_only=True)
class Patterns:
    """The actions or resources that a statement applies to."""

    included: str = "*"
    excluded: frozenset[str] = frozenset()
    """Those of `NotAction` or `NotResource`."""

    def shown(self, kind: str) -> str:
        """Return it for a reader."""
        return f"{BUT_A_FEW} {kind}s" if self.excluded else self.included


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What one principal may do by one pattern of actions on one pattern of resources."""

    principal: str = ""
    """The principal of a resource policy; empty in the policy of an identity."""
    action: Patterns
    resource: Patterns
    conditions: frozenset[Condition] = frozenset()

    def __str__(self) -> str:
        action, limit = self.action.shown("action"), _limit(self.conditions)
        if self.principal:
            return f"lets {self.principal} do {action}{limit}"
        return f"allows {action} on {self.resource.shown('resource')}{limit}"

    def includes(self, other: "Allowance") -> bool:
        """Return whether everything that the other one allows is allowed by this one."""
        return (
            (self.principal == EVERYBODY or _account(self.principal) == _account(other.principal))
            and _include(self.action, other.action, matches_action)
            and _include(self.resource, other.resource, matches_arn)
            and all(any(_at_least(each, limit) for each in other.conditions) for limit in self.conditions)
        )


def gained(old: Sequence[Any], new: Sequence[Any]) -> Iterator[str]:
    """Yield what the new documents allow together beyond the old ones, and what they no longer deny.

    Nothing is known to be gained if a part of an old document is unknown. An unknown new document allows nothing yet.
    """
    if not all(is_known(document(each)) for each in old):
        return
    before, after = _of(old, allowing), _of(new, allowing)
    yield from (str(each) for each in after if not any(one.includes(each) for one in before))
    if all(is_known(document(each)) for each in new):
        refused = _of(new, denying)
        lost = [each for each in _of(old, denying) if not any(one.includes(each) for one in refused)]
        yield from (f"no longer denies {each.action.shown('action')}{_limit(each.conditions)}" for each in lost)


def trusts_services_only(policy: Any) -> bool:
    """Return whether a trust policy lets nobody but services of AWS take a role."""
    return all(each.principal.endswith(".amazonaws.com") for each in _of([policy], allowing))


def _of(policies: Sequence[Any], read: Callable[[Any], Iterator[Statement]]) -> list[Allowance]:
    return [each for policy in policies for each in _allowances(read(policy))]


def _allowances(statements: Iterable[Statement]) -> Iterator[Allowance]:
    for statement in statements:
        limits = frozenset(
            (operator, key.lower(), frozenset(values)) for operator, key, values in conditions(statement)
        )
        make = partial(Allowance, conditions=limits)
        for principal in _principals(statement):
            for action in _patterns(statement, "Action"):
                yield from (
                    make(principal=principal, action=action, resource=each) for each in _patterns(statement, "Resource")
                )


def _account(principal: str) -> str:
    """Return the number of an account instead of its ARN; other principals as they are."""
    return ACCOUNT.sub(r"\1", principal)


def _patterns(statement: Statement, element: str) -> list[Patterns]:
    if f"Not{element}" in statement:
        return [Patterns(excluded=frozenset(texts(statement[f"Not{element}"])))]
    # Trust policies and some resource policies have no resource: they are about their own one.
    found = texts(statement.get(element)) or (["*"] if element == "Resource" and "Resource" not in statement else [])
    return [Patterns(included=each) for each in found]


def _principals(statement: Statement) -> list[str]:
    if "Principal" not in statement and "NotPrincipal" not in statement:
        return [""]
    if anyone(statement):
        return [EVERYBODY]
    principal = statement.get("Principal")
    return [*texts(principal), *(text for each in mapping(principal).values() for text in texts(each))]


def _include(outer: Patterns, inner: Patterns, matches: Callable[[str, str], bool]) -> bool:
    """Return whether the patterns of one statement include those of another; a pattern matches narrower patterns."""
    if not matches(outer.included, inner.included):
        return False
    if inner.excluded:
        return all(any(matches(each, one) for each in inner.excluded) for one in outer.excluded)
    return not any(matches(one, inner.included) or matches(inner.included, one) for one in outer.excluded)


def _at_least(condition: Condition, limit: Condition) -> bool:
    """Return whether a condition is met by no request that does not meet the limit."""
    (operator, key, values), (other, name, accepted) = condition, limit
    mine, its = _exact(operator, values), _exact(other, accepted)
    if key != name:
        return False
    if refuses_others(operator):
        return mine == its and values >= accepted
    includes = mine == its or mine == its.replace("Like", "Equals")
    return includes and all(any(_accepts(its, pattern, each) for pattern in accepted) for each in values)


def _exact(operator: str, values: frozenset[str]) -> str:
    """Return the operator without wildcards if it means the same for these values."""
    wildcards = any(set(each) & set("*?") for each in values) and "Arn" not in operator
    return operator if wildcards else operator.replace("Like", "Equals")


def _accepts(operator: str, pattern: str, value: str) -> bool:
    return pattern == value or (has_wildcards(operator) and matches_text(pattern, value))


def _limit(found: frozenset[Condition]) -> str:
    if not found:
        return ""
    parts = (f"{operator} {key} is {' or '.join(sorted(values))}" for operator, key, values in sorted(found, key=str))
    return f" if {' and '.join(parts)}"
