"""Determines whether a change of inputs requires no change, an update or a replacement of an object."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from localcloud.kubernetes.immutable import DATA, IMMUTABLE, NAME, Path, is_within
from localcloud.kubernetes.inputs import at, is_autonamed, manifest_of
from localcloud.kubernetes.property_paths import path_text
from localcloud.protocol.servicer import Change
from localcloud.protocol.values import Properties, is_unknown

Kind = Literal["ADD", "DELETE", "UPDATE"]


@dataclass(frozen=True)
class Difference:
    """One property that differs."""

    path: Path
    kind: Kind
    value: Any = None
    """The new value; None if the property is deleted."""


def compare(old: Properties, outputs: Properties, new: Properties, *, mutable_kinds: frozenset[str]) -> Change:
    """Compare the previous inputs with the new ones; values that the API server has defaulted are ignored.

    Args:
        old: the inputs of the last deployment or refresh.
        outputs: the live object of the last deployment.
        new: the new inputs; they may contain unknown values, which differ from all other values.
        mutable_kinds: ConfigMap and Secret if their data may change in place. Otherwise the object is replaced, so
            that pods never run with a mixture of old and new data.
    """
    found = list(differences(manifest_of(old), manifest_of(new)))
    fixed = _fixed(new, mutable_kinds)
    touched = [each for each in found if any(is_within(pattern, each.path, each.value) for pattern in fixed)]
    # If all metadata is removed, the object's name changes too, and the real provider replaces the object.
    replaces = [*touched, *(each for each in found if each.path == ("metadata",) and each.kind == "DELETE")]
    same_name = all(at(outputs or old, path) == at(new, path) for path in NAME)
    plain = {key for each in (old, new) for key in _keys(each.get("stringData"))}
    return Change(
        changed=[_text(each.path, plain) for each in found],
        kinds={_text(each.path, plain): each.kind + ("_REPLACE" if each in touched else "") for each in found},
        replaces=[_text(each.path, plain) for each in replaces],
        delete_before_replace=same_name and not is_autonamed(new),
    )


def differences(old: Any, new: Any, path: Path = ()) -> Iterator[Difference]:
    """Yield each property that differs, recursing into objects and lists; lists are compared by position."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            if key not in new:
                yield Difference((*path, key), "DELETE")
            elif key not in old:
                yield Difference((*path, key), "ADD", new[key])
            else:
                yield from differences(old[key], new[key], (*path, key))
    elif isinstance(old, dict) and is_unknown(new):
        # As in the real provider, an unknown value in place of an object deletes the properties of that object.
        for key in sorted(old):
            yield Difference((*path, key), "DELETE")
    elif isinstance(old, list) and isinstance(new, list):
        for index, (before, after) in enumerate(zip(old, new, strict=False)):
            yield from differences(before, after, (*path, index))
        for index in range(len(old), len(new)):
            yield Difference((*path, index), "ADD", new[index])
        for index in range(len(new), len(old)):
            yield Difference((*path, index), "DELETE")
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield Difference(path, "UPDATE", new)


def _keys(value: Any) -> Iterable[str]:
    return value if isinstance(value, dict) else ()


def _fixed(manifest: Properties, mutable_kinds: frozenset[str]) -> tuple[Path, ...]:
    kind = str(manifest.get("kind", ""))
    if kind in DATA and (kind not in mutable_kinds or manifest.get("immutable") is True):
        return (*NAME, *DATA[kind])
    return (*NAME, *IMMUTABLE.get((str(manifest.get("apiVersion", "")), kind), ()))


def _text(path: Path, plain: Collection[str]) -> str:
    """Return a path as a Pulumi property path; `data` keys of a Secret that came from stringData are shown there."""
    return path_text(("stringData", *path[1:]) if path[0] == "data" and path[-1] in plain else path)
