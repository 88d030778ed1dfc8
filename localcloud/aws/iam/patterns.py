"""Matches patterns of policies: wildcards, policy variables and ARNs.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Literal

Answer = bool | None
"""True, False, or None if it cannot be evaluated."""

Values = tuple[str, ...]
Lookup = Callable[[str], Values | None]
"""Returns the values of a condition key: `()` if the request lacks the key, None if this is unknown."""

ARN_PARTS = 6
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERALS = {"*": "*", "?": "?", "$": "$"}

# A part of a pattern: literal text or a wildcard.
_Token = tuple[Literal["text", "wildcard"], str]


class UnknownVariableError(Exception):
    """The value of a policy variable is unknown. The message is the name of the variable."""


class AbsentVariableError(Exception):
    """The request has no value for a policy variable. A pattern with the variable matches nothing."""


def any_of(answers: list[Answer]) -> Answer:
    """Return whether any answer is True, or None if this cannot be evaluated."""
    if True in answers:
        return True
    return None if None in answers else False


def all_of(answers: list[Answer]) -> Answer:
    """Return whether all answers are True, or None if this cannot be evaluated."""
    if False in answers:
        return False
    return None if None in answers else True


def matches_action(pattern: str, action: str) -> bool:
    """Return whether a pattern such as `sqs:Send*` matches an action, ignoring case."""
    return bool(_action(pattern).fullmatch(action))


@lru_cache(maxsize=4096)
def _action(pattern: str) -> re.Pattern[str]:
    """Return the compiled pattern of an action. Cached, because every request is compared with all patterns."""
    return re.compile(_regex(_tokens(pattern)), re.IGNORECASE | re.DOTALL)


def matches_text(pattern: str, text: str, lookup: Lookup | None = None, *, wildcards: bool = True) -> bool:
    """Return whether a pattern matches a whole text.

    Args:
        pattern: the pattern. It can contain policy variables if `lookup` is given.
        text: the text.
        lookup: returns the values of policy variables. None if the pattern has no variables, as in policies of
            version 2008-10-17.
        wildcards: whether `*` and `?` are wildcards.

    Raises:
        AbsentVariableError, UnknownVariableError: a variable has no value.
    """
    regex = _regex(_tokens(pattern, lookup), wildcards=wildcards)
    return bool(re.fullmatch(regex, text, re.DOTALL))


def matches_arn(pattern: str, arn: str, lookup: Lookup | None = None) -> bool:
    """Return whether a pattern of a `Resource` element matches an ARN. A `*` at the end of a part also matches colons.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html (Wildcards in
    resource ARNs).

    Raises:
        AbsentVariableError, UnknownVariableError: a variable has no value.
    """
    if pattern == "*":
        return True
    parts = _split(_tokens(pattern, lookup))
    return bool(re.fullmatch(":".join(_part(number, part) for number, part in enumerate(parts)), arn, re.DOTALL))


def matches_arn_parts(pattern: str, arn: str, lookup: Lookup | None = None) -> bool:
    """Return whether a pattern of a condition matches an ARN, part by part. The pattern `*` matches every ARN.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html (ARN
    condition operators).

    Raises:
        AbsentVariableError, UnknownVariableError: a variable has no value.
    """
    if pattern == "*":
        return True
    parts = _split(_tokens(pattern, lookup))
    found = arn.split(":", ARN_PARTS - 1)
    if len(parts) != ARN_PARTS or len(found) != ARN_PARTS:
        return False
    return all(re.fullmatch(_regex(part), text, re.DOTALL) for part, text in zip(parts, found, strict=True))


def _part(number: int, tokens: list[_Token]) -> str:
    """Return the regular expression for a part of a `Resource` pattern. The last part can contain colons."""
    if number == ARN_PARTS - 1:
        return _regex(tokens)
    last = len(tokens) - 1
    inside, at_end = {"*": "[^:]*", "?": "[^:]"}, {"*": ".*", "?": "[^:]"}
    return "".join(
        (at_end if index == last else inside)[text] if kind == "wildcard" else re.escape(text)
        for index, (kind, text) in enumerate(tokens)
    )


def _tokens(pattern: str, lookup: Lookup | None = None) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    for match in _VARIABLE.finditer(pattern) if lookup else ():
        tokens += _plain(pattern[position : match.start()])
        tokens.append(("text", _value(match[1], lookup)))
        position = match.end()
    return tokens + _plain(pattern[position:])


def _plain(text: str) -> list[_Token]:
    return [("wildcard", part) if part in {"*", "?"} else ("text", part) for part in re.split(r"([*?])", text) if part]


def _value(variable: str, lookup: Lookup | None) -> str:
    name, _, default = (part.strip() for part in variable.partition(","))
    if name in _LITERALS:
        return _LITERALS[name]
    values = lookup(name) if lookup else ()
    if values is None:
        raise UnknownVariableError(name)
    if values:
        return values[0]
    if default:
        return default.strip("'")
    raise AbsentVariableError(name)


def _regex(tokens: list[_Token], *, wildcards: bool = True) -> str:
    special = {"*": ".*", "?": "."} if wildcards else {}
    return "".join(
        special.get(text, re.escape(text)) if kind == "wildcard" else re.escape(text) for kind, text in tokens
    )


def _split(tokens: list[_Token]) -> list[list[_Token]]:
    """Split a pattern at its first five colons.

    Values of policy variables are split like the rest of the pattern.
    """
    parts: list[list[_Token]] = [[]]
    for kind, text in tokens:
        pieces = text.split(":", ARN_PARTS - len(parts)) if kind == "text" else [text]
        for index, piece in enumerate(pieces):
            if index:
                parts.append([])
            if piece:
                parts[-1].append((kind, piece))
    return parts
