"""The differences between two values, by key: each leaf that differs, with its path and both values."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.resources.properties import UNKNOWN
from infra.review.values import clean

IDENTITIES = ("name", "Sid", "sid", "key", "id", "principalArn", "cidrBlock", "domainName", "originId", "path")
"""Keys that identify the objects of a list, if each object has another value there."""
MAX_LEAVES = 60
"""Number of leaves up to which a value is taken apart; a value with more is shown as a whole."""


@dataclass(frozen=True)
class Leaf:
    """A value that differs; None where it is not set."""

    path: str
    old: Any
    new: Any

    @property
    def unknown(self) -> bool:
        """Whether the new value is not known before the deployment."""
        return self.new is UNKNOWN


def leaves(old: Any, new: Any, path: str) -> list[Leaf]:
    """Return the differences between two clean values.

    Objects, also those in JSON texts, are compared by key. Lists are compared by the identity of their items, and lists
    of scalars by their members.
    """
    found = list(_leaves(old, new, path))
    return found if len(found) <= MAX_LEAVES else [Leaf(path, old, new)]


def _leaves(old: Any, new: Any, path: str) -> Iterator[Leaf]:
    if old is new is UNKNOWN or (new is not UNKNOWN and old == new and isinstance(old, bool) == isinstance(new, bool)):
        return
    documents = _document(old), _document(new)
    if None not in documents:
        old, new = documents
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from _leaves(old.get(key), new.get(key), _joined(path, str(key)))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _items(old, new, path)
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield Leaf(path, old, new)


def _items(old: list[Any], new: list[Any], path: str) -> Iterator[Leaf]:
    key = _identity([*old, *new], old, new)
    if key:
        named = [{str(each[key]): each for each in side} for side in (old, new)]
        for name in dict.fromkeys([*named[0], *named[1]]):
            yield from _leaves(named[0].get(name), named[1].get(name), f"{path}[{key}={name}]")
    elif all(isinstance(each, str | int | float) for each in [*old, *new]):
        gone, come = _without(old, new), _without(new, old)
        if not gone and not come:
            yield Leaf(f"{path} (order)", old, new)
        elif len(gone) == len(come) == 1:
            yield Leaf(f"{path}[]", gone[0], come[0])
        else:
            yield from (Leaf(f"{path}[]", each, None) for each in gone)
            yield from (Leaf(f"{path}[]", None, each) for each in come)
    else:
        for index in range(max(len(old), len(new))):
            before, after = (side[index] if index < len(side) else None for side in (old, new))
            yield from _leaves(before, after, f"{path}[{index}]")


def _without(some: list[Any], others: list[Any]) -> list[Any]:
    left = list(others)
    found = []
    for each in some:
        if each in left:
            left.remove(each)
        else:
            found.append(each)
    return found


def _identity(all_items: list[Any], *sides: list[Any]) -> str | None:
    """Return the key whose values identify the items of both lists."""
    if not all_items or not all(isinstance(each, Mapping) for each in all_items):
        return None
    for key in IDENTITIES:
        values = [[each.get(key) for each in side] for side in sides]
        if all(isinstance(value, str) for side in values for value in side) and all(
            len(set(side)) == len(side) for side in values
        ):
            return key
    return None


def _document(value: Any) -> Any:
    """Return the object or list in a JSON text; None if it is none."""
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return None
    try:
        return clean(json.loads(value))
    except ValueError:
        return None


def _joined(path: str, key: str) -> str:
    plain = key.replace("_", "").replace("-", "").isalnum()
    return f"{path}.{key}" if plain and path else f'{path}["{key}"]' if path else key
