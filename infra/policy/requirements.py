"""Judges operators of conditions: whether a condition can be met without its key.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
.../reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

_COMPARING = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress", "Bool")
_REFUSING = (
    "StringNotEquals",
    "StringNotEqualsIgnoreCase",
    "StringNotLike",
    "ArnNotEquals",
    "ArnNotLike",
    "NotIpAddress",
)
_WITH_WILDCARDS = ("Like", "ArnEquals")


def required(operator: str) -> bool:
    """Return whether a condition with this operator is only met by a request that has the key.

    `IfExists`, `ForAllValues` and negated operators are met without it.
    """
    return operator.removeprefix("ForAnyValue:") in _COMPARING


def refuses_others(operator: str) -> bool:
    """Return whether a condition with this operator is met by every value but the listed ones, or by no value.

    A `Deny` with it denies everything else. `ForAnyValue` is not met without the key.
    """
    return operator.removeprefix("ForAllValues:").removesuffix("IfExists") in _REFUSING


def has_wildcards(operator: str) -> bool:
    """Return whether `*` and `?` are wildcards in the values of this operator."""
    return any(name in operator.replace("NotEquals", "Equals").replace("NotLike", "Like") for name in _WITH_WILDCARDS)
