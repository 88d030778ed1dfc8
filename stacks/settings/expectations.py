"""What a value must be, in words, from an error of pydantic."""

import json
import re
from typing import Any

from pydantic_core import ErrorDetails

_TYPES = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "bool_parsing": "must be true or false",
    "url_parsing": "must be a URL with a valid host",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}

_USER_IN_URL = re.compile(r'(?<=://)([^\s":/]*:[^\s"]+|[^\s"/]+)(?=@)')

_LIMITS = {
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "greater_than": "must be more than {gt}",
    "less_than": "must be less than {lt}",
    "literal_error": "must be {expected}",
    "string_pattern_mismatch": "must match {pattern}",
    "string_too_long": "must have {max_length} characters or fewer",
    "too_long": "must have {max_length} entries or fewer",
    "too_short": "must have {min_length} entries or more",
}


def expectation(detail: ErrorDetails) -> str:
    """Return what is accepted, such as `must be 1 or more`."""
    kind = detail["type"]
    if kind == "value_error":
        return f"must be {own_message(detail)}"
    if kind in _LIMITS:
        limits = {name: int(each) if _is_whole(each) else each for name, each in detail["ctx"].items()}
        text = _LIMITS[kind].format(**limits)
        return text.replace("'", "") if kind == "literal_error" else text
    return _TYPES.get(kind, detail["msg"][:1].lower() + detail["msg"][1:])


def _is_whole(limit: Any) -> bool:
    return isinstance(limit, float) and limit.is_integer()


def own_message(detail: ErrorDetails) -> str:
    """Return the message of one of our validators."""
    return detail["msg"].removeprefix("Value error, ")


def show(value: Any) -> str:
    """Return a value as it is found, without the user and password of URLs, shortened to 80 characters."""
    text = _USER_IN_URL.sub("[secret]", json.dumps(value, default=str))
    return text if len(text) <= 80 else text[:77] + "..."
