"""Properties of a resource as plain data; a value that is unknown in a preview is UNKNOWN.

The SDK's view raises an error at the first unknown value, which would end a rule early. Rules here check the known
values; `up` checks each resource again before it creates it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeGuard

from pulumi_policy.proxy import UnknownValueError


class Unknown:
    """The type of UNKNOWN; equal to nothing but itself."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = Unknown()
"""A value that a preview cannot know yet."""


def plain(value: Any) -> Any:
    """Convert the SDK's view to dicts, lists and scalars, with UNKNOWN for values for which the view raises an
    error."""
    if isinstance(value, Mapping):
        return {key: _known(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_known(value, index) for index in range(len(value))]
    return value


def _known(container: Any, key: Any) -> Any:
    try:
        return plain(container[key])
    except UnknownValueError:
        return UNKNOWN


def mapping(value: Any) -> dict[str, Any]:
    """Return the value if it is an object, else an empty one, so that lookups in absent or unknown objects need no
    check."""
    return value if isinstance(value, dict) else {}


def at(value: Any, path: str) -> Any:
    """Return the value at a path such as `vpcConfig.publicAccessCidrs`; None if it is absent.

    UNKNOWN if the value or an object on the way to it is unknown.
    """
    for key in path.split("."):
        if value is UNKNOWN:
            return UNKNOWN
        value = mapping(value).get(key)
    return value


def is_known(value: Any) -> bool:
    """Return whether no part of a value is unknown."""
    if isinstance(value, dict):
        return all(map(is_known, value.values()))
    return all(map(is_known, value)) if isinstance(value, list) else value is not UNKNOWN


def items(value: Any) -> list[Any]:
    """Return the value as a list: itself, nothing where it is absent or unknown, or the one scalar in a list."""
    if isinstance(value, list):
        return value
    return [] if value is None or value is UNKNOWN else [value]


def document(value: Any) -> Any:
    """Parse a JSON document given as text; return other values unchanged, and None for text that is not JSON."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return None
    return value


def unset(value: Any) -> bool:
    """Return whether a value is known to be left out or empty."""
    return value is None or value in ("", [], {})


def is_number(value: Any) -> TypeGuard[float]:
    """Return whether a value is a known number; the engine passes every number as a float."""
    return isinstance(value, int | float) and not isinstance(value, bool)
