"""Evaluates the conditions of a policy statement against the condition keys of a request.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
.../reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from localcloud.aws.iam.patterns import (
    AbsentVariableError,
    Answer,
    Lookup,
    UnknownVariableError,
    Values,
    all_of,
    any_of,
    matches_arn_parts,
    matches_text,
)

Matcher = Callable[[str, str, Lookup | None], bool]
"""Returns whether a value of the request matches a value of the policy. Raises ValueError if one is malformed."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """The condition keys of one request."""

    values: Mapping[str, Values] = field(default_factory=dict)
    """Condition key in lower case -> its values."""
    known: frozenset[str] = frozenset()
    """Keys in lower case, and prefixes such as `aws:requesttag/`, that the request lacks unless `values` has them."""

    def get(self, key: str) -> Values | None:
        """Return the values of a key: `()` if the request lacks the key, None if this is unknown."""
        name = key.lower()
        if name in self.values:
            return self.values[name]
        return (
            () if name in self.known or any(name.startswith(each) for each in self.known if each[-1] in "/:") else None
        )

    def extended(self, values: Mapping[str, Values], known: Iterable[str] = ()) -> "Context":
        """Return a copy with more keys."""
        lower = {key.lower(): value for key, value in values.items()}
        return Context(values={**self.values, **lower}, known=self.known | frozenset(known))


def holds(conditions: Mapping[str, Mapping[str, Any]], context: Context, *, variables: bool) -> tuple[Answer, set[str]]:
    """Evaluate the `Condition` element of a statement.

    Args:
        conditions: operator -> key -> value or values.
        context: condition keys of the request.
        variables: whether values can contain policy variables.

    Returns:
        Whether all conditions are met, and the operators, keys and variables that cannot be evaluated.
    """
    answers: list[Answer] = []
    unknown: set[str] = set()
    for operator, keys in conditions.items():
        for key, wanted in keys.items():
            answer, names = _one(operator, key, as_list(wanted), context, variables=variables)
            answers.append(answer)
            unknown |= names
    return all_of(answers), unknown


def as_list(value: Any) -> list[str]:
    """Return the value or values of a policy element as strings. JSON booleans become `true` and `false`."""
    items = value if isinstance(value, list) else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in items]


def _one(operator: str, key: str, wanted: list[str], context: Context, *, variables: bool) -> tuple[Answer, set[str]]:
    qualifier, _, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    found = context.get(key)
    if found is None:
        return None, {key}
    if name == "Null" and not qualifier:
        return all((item == "true") == (not found) for item in wanted), set()
    if name not in OPERATORS or qualifier not in {"", "ForAllValues", "ForAnyValue"}:
        return None, {operator}
    if not found:
        negated = name in NEGATED and qualifier != "ForAnyValue"
        return negated or if_exists or qualifier == "ForAllValues", set()
    lookup = context.get if variables and name.startswith(("String", "Arn")) else None
    unknown: set[str] = set()
    answers = [_value_meets(name, value, wanted, lookup, unknown) for value in found]
    joined = all_of if qualifier == "ForAllValues" or (not qualifier and name in NEGATED) else any_of
    return joined(answers), unknown


def _value_meets(name: str, value: str, wanted: list[str], lookup: Lookup | None, unknown: set[str]) -> Answer:
    """Return whether a value of the request matches any value of the policy, or none if the operator is negated."""
    answers: list[Answer] = []
    for item in wanted:
        try:
            answers.append(OPERATORS[name](value, item, lookup))
        except AbsentVariableError:
            answers.append(False)
        except UnknownVariableError as error:
            unknown.add(str(error))
            answers.append(None)
        except ValueError:
            unknown.add(f"{name} {item}")
            answers.append(None)
    met = any_of(answers)
    return (None if met is None else not met) if name in NEGATED else met


def _equals(value: str, wanted: str, lookup: Lookup | None) -> bool:
    return matches_text(wanted, value, lookup, wildcards=False)


def _equals_ignoring_case(value: str, wanted: str, lookup: Lookup | None) -> bool:
    def lower(key: str) -> Values | None:
        found = lookup(key) if lookup else ()
        return found and tuple(map(str.lower, found))

    return matches_text(wanted.lower(), value.lower(), lower if lookup else None, wildcards=False)


def _like(value: str, wanted: str, lookup: Lookup | None) -> bool:
    return matches_text(wanted, value, lookup)


def _arn(value: str, wanted: str, lookup: Lookup | None) -> bool:
    return matches_arn_parts(wanted, value, lookup)


def _bool(value: str, wanted: str, _lookup: Lookup | None) -> bool:
    return value.lower() == wanted.lower()


def _address(value: str, wanted: str, _lookup: Lookup | None) -> bool:
    return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)


def _binary(value: str, wanted: str, _lookup: Lookup | None) -> bool:
    return value == wanted


def _compare(read: Callable[[str], float], holds_: Callable[[float, float], bool]) -> Matcher:
    return lambda value, wanted, _lookup: holds_(read(value), read(wanted))


def _time(text: str) -> float:
    """Return seconds since the epoch from a number of seconds or an ISO 8601 date."""
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


_ORDERS: Mapping[str, Callable[[float, float], bool]] = {
    "Equals": lambda a, b: a == b,
    "NotEquals": lambda a, b: a == b,
    "LessThan": lambda a, b: a < b,
    "LessThanEquals": lambda a, b: a <= b,
    "GreaterThan": lambda a, b: a > b,
    "GreaterThanEquals": lambda a, b: a >= b,
}

OPERATORS: Mapping[str, Matcher] = {
    "StringEquals": _equals,
    "StringNotEquals": _equals,
    "StringEqualsIgnoreCase": _equals_ignoring_case,
    "StringNotEqualsIgnoreCase": _equals_ignoring_case,
    "StringLike": _like,
    "StringNotLike": _like,
    "ArnEquals": _arn,
    "ArnLike": _arn,
    "ArnNotEquals": _arn,
    "ArnNotLike": _arn,
    "Bool": _bool,
    "BinaryEquals": _binary,
    "IpAddress": _address,
    "NotIpAddress": _address,
    **{f"Numeric{name}": _compare(float, order) for name, order in _ORDERS.items()},
    **{f"Date{name}": _compare(_time, order) for name, order in _ORDERS.items()},
}
"""IAM's condition operators except `Null`. A negated operator has the matcher of its opposite: see `NEGATED`."""

NEGATED = frozenset(name for name in OPERATORS if "Not" in name)
