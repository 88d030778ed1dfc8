"""Validates the values of annotations that a load balancer controller reads.

Each check returns "" if a value is valid, else a description of the accepted values.
"""

import json
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Any

Check = Callable[[str], str]
"""Validates a value: returns "" if it is valid, else a description of the accepted values."""
BOOLEANS = ("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False")  # Go's strconv.ParseBool


def items(text: str) -> list[str]:
    """Return the items of a comma-separated list, without surrounding whitespace."""
    return [item.strip() for item in text.split(",") if item.strip()]


def one_of(accepted: tuple[str, ...], text: str) -> str:
    """Check that the text is one of the accepted words."""
    return "" if text in accepted else f"one of {', '.join(accepted)}"


def number(low: int, high: int, text: str) -> str:
    """Check that the text is a whole number from `low` to `high`."""
    is_number = re.fullmatch(r"[0-9]{1,9}", text) is not None
    return "" if is_number and low <= int(text) <= high else f"a whole number from {low} to {high}"


def matches(pattern: str, accepted: str, text: str) -> str:
    """Check that the whole text matches a pattern, which `accepted` describes."""
    return "" if re.fullmatch(pattern, text) else accepted


def boolean(text: str) -> str:
    """Check that Go's strconv.ParseBool accepts the text."""
    return "" if text in BOOLEANS else "true or false"


def networks(text: str) -> str:
    """Check that the text is a comma-separated list of CIDR blocks."""
    for item in items(text):
        try:
            ip_network(item)
        except ValueError:
            return "a comma-separated list of CIDR blocks"
    return ""


def pairs(known: Mapping[str, Check], text: str) -> str:
    """Check that the text is a list `key=value,key=value`, and check the values of known keys."""
    for item in items(text):
        key, equals, value = item.partition("=")
        if not equals or not key.strip():
            return "a comma-separated list of key=value"
        check = known.get(key.strip())
        accepted = check(value.strip()) if check else ""
        if accepted:
            return f"for {key.strip()} {accepted}"
    return ""


def listed(check: Check, text: str) -> str:
    """Check that the text is a comma-separated list with at least one item, and that each item passes a check."""
    found = [check(item) for item in items(text)]
    accepted = next(filter(None, found), "")
    return f"a comma-separated list of {accepted}" if accepted else "" if found else "a comma-separated list"


def json_of(is_accepted: Callable[[Any], bool], accepted: str, text: str) -> str:
    """Check that the text is JSON with a value that `is_accepted` accepts; `accepted` describes such values."""
    try:
        return "" if is_accepted(json.loads(text)) else accepted
    except ValueError:
        return accepted
