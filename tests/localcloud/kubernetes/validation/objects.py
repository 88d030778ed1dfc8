"""Valid objects that use many fields, and small changes of them around the limits of what the API server accepts."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]
Steps = tuple[str | int, ...]
FOLDER = Path(__file__).parent / "objects"
REMOVED = object()
FIXED = ((), ("apiVersion",), ("kind",), ("metadata",), ("metadata", "name"), ("metadata", "namespace"))
TEXTS = (
    *("", "a", "A", "-a", "a-", "a.b", "a_b", "a/b", "a b", "1", "é", "../a", "/a", "*", "Always", "Never"),
    *(
        "a" * 15,
        "a" * 16,
        "a" * 63,
        "a" * 64,
        "a" * 253,
        "a" * 254,
        "a--b",
        "80",
        "80G",
        "80GB",
        "1.5",
        "-1",
        "5%",
        "101%",
    ),
    *("14d", "1h", "10.0.0.0/8", "10.0.0.1/8", "10.0.0.0/33", "::/0", "10.0.0.1", "latest", "v1.35"),
)
NUMBERS = (-1, 0, 1, 2, 3, 100, 101, 511, 512, 3601, 32767, 65535, 65536, 2**31 - 1, 2**31, 1.5)


def objects() -> list[Manifest]:
    """Return the objects; the API server accepts each of them."""
    return [
        each for path in sorted(FOLDER.glob("*.yaml")) for each in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]


def changes(manifest: Manifest) -> Iterator[tuple[Steps, Any]]:
    """Yield each change of one value: its path, and the new value, or `REMOVED`."""
    for path, value in _values(manifest):
        if path not in FIXED:
            yield path, REMOVED
            for other in _others(value):
                yield path, other


def grafts(manifest: Manifest, definition_of: Callable[[Manifest, Steps], str]) -> Iterator[tuple[Steps, Any]]:
    """Yield each addition of a field that another object of the same definition has, such as a second kind of probe."""
    for path, value in _values(manifest):
        known = definition_of(manifest, path) if isinstance(value, dict) and path not in FIXED else ""
        for name, other in _samples(definition_of).get(known, {}).items():
            if name not in value:
                yield (*path, name), other


def with_change(manifest: Manifest, path: Steps, value: Any) -> Manifest:
    """Return a copy of an object with one value changed."""
    changed = deepcopy(manifest)
    parent: Any = changed
    for step in path[:-1]:
        parent = parent[step]
    if value is REMOVED:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return changed


@cache
def _samples(definition_of: Callable[[Manifest, Steps], str]) -> dict[str, Manifest]:
    found: dict[str, Manifest] = {}
    for manifest in objects():
        for path, value in _values(manifest):
            if isinstance(value, dict) and (name := definition_of(manifest, path)):
                found[name] = value | found.get(name, {})
    return found


def _values(value: Any, path: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _values(item, (*path, key))


def _others(value: Any) -> Iterator[Any]:
    """Yield values near a value, and one of each other type."""
    if isinstance(value, dict):
        yield from ({}, {**value, "bogus": "x"}, {**value, "bogus": 1}, {**value, "-": "x"}, [], "text")
    elif isinstance(value, list):
        yield from ([], [*value, *value[:1]], [*value, "text"], [*value, {}], "text", {})
    elif isinstance(value, bool):
        yield from (not value, "true", 1, [])
    elif isinstance(value, str):
        yield from (each for each in (*TEXTS, 1, 1.5, True, [], {}) if each != value)
    else:
        yield from (each for each in (*NUMBERS, "1", "a", True, [], {}) if each != value)
