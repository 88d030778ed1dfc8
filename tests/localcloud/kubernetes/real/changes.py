"""Changed inputs: each property of an object is changed, removed, unknown, or gets a new entry."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from localcloud.protocol.values import UNKNOWN, Properties

Path = tuple[str | int, ...]
FREE_MAPS = ("annotations", "data", "labels", "matchLabels", "nodeSelector", "requests", "selector", "stringData")
"""Maps of texts with keys that the user chooses."""


@dataclass(frozen=True)
class Changed:
    """One change of an object."""

    what: str
    inputs: Properties


def changes(inputs: Properties) -> Iterator[Changed]:
    """Yield every change of one property of an object, except apiVersion and kind."""
    for path, value in properties(inputs):
        if path[0] in ("apiVersion", "kind"):
            continue
        where = ".".join(map(str, path))
        yield Changed(f"{where} unknown", replaced(inputs, path, UNKNOWN))
        yield Changed(f"{where} left out", without(inputs, path))
        if isinstance(value, list):
            yield Changed(f"{where} emptied", replaced(inputs, path, []))
            yield Changed(f"{where} doubled", replaced(inputs, path, [*value, *value[-1:]]))
            yield Changed(f"{where} reversed", replaced(inputs, path, value[::-1]))
        elif isinstance(value, dict):
            if path[-1] in FREE_MAPS and all(isinstance(item, str) for item in value.values()):
                yield Changed(f"{where} with more", replaced(inputs, path, {**value, "an.other/key": "new"}))
        else:
            yield Changed(f"{where} changed", replaced(inputs, path, other(value)))


def properties(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every property of an object with its path, at any depth."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from properties(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from properties(item, (*path, index))


def other(value: Any) -> Any:
    """Return another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return "other" if value != "other" else "another"


def replaced(inputs: Properties, path: Path, value: Any) -> Properties:
    """Return the inputs with another value at a path."""
    result = copy.deepcopy(inputs)
    _holder(result, path)[path[-1]] = value
    return result


def without(inputs: Properties, path: Path) -> Properties:
    """Return the inputs without the property at a path."""
    result = copy.deepcopy(inputs)
    del _holder(result, path)[path[-1]]
    return result


def _holder(value: Any, path: Path) -> Any:
    for step in path[:-1]:
        value = value[step]
    return value
