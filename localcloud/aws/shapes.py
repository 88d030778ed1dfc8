"""Converts between Pulumi's properties and AWS's parameters, whose names mostly differ only in upper and lower case.

botocore has the shape of every parameter. Values are converted along their shape: names, numbers given as text, and
blocks that are a single object in Pulumi and a list with one item in AWS, or vice versa.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from localcloud.protocol.values import UNKNOWN, Properties

_SCALARS: dict[str, Callable[[Any], Any]] = {
    "integer": int,
    "long": int,
    "boolean": lambda value: value in (True, "true"),
    "string": lambda value: str(value).lower() if isinstance(value, bool) else str(value),
}
_ID = re.compile(r"(?<=[a-z])ID$")
_ACRONYM = re.compile(r"^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+")


def to_api(shape: Any, value: Any, renames: Mapping[str, str] | None = None) -> Any:
    """Convert a Pulumi value to a botocore shape. Omit properties that the shape lacks.

    Args:
        shape: a botocore shape.
        value: the value, in Pulumi's names.
        renames: Pulumi's name of a top-level property -> AWS's name, where they are different words.

    Values that a preview does not know stay unknown, regardless of their shape.
    """
    if value == UNKNOWN:
        return value
    match shape.type_name:
        case "structure":
            if isinstance(value, list):
                value = value[0] if value else {}
            members = {name.lower(): name for name in shape.members}
            named = {(renames or {}).get(key, key).lower(): item for key, item in value.items() if item is not None}
            return {
                members[name]: to_api(shape.members[members[name]], item)
                for name, item in named.items()
                if name in members
            }
        case "list":
            items = value if isinstance(value, list) else [value]
            return [to_api(shape.member, item) for item in items]
        case "map":
            return {key: to_api(shape.value, item) for key, item in value.items()}
    return _SCALARS.get(shape.type_name, lambda same: same)(value)


def from_api(value: Any) -> Any:
    """Convert AWS's response to Pulumi's names, at every depth."""
    if isinstance(value, dict):
        return {lower_camel(key): from_api(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [from_api(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")  # the format of Pulumi's provider
    if isinstance(value, date):
        return value.isoformat()
    return value


def lower_camel(name: str) -> str:
    """Return Pulumi's name: `DBInstanceClass` -> `dbInstanceClass`, `ARN` -> `arn`, `KMSKeyID` -> `kmsKeyId`."""
    return _ID.sub("Id", _ACRONYM.sub(lambda run: run.group().lower(), name, count=1))


def pick(value: Any, path: str) -> Any:
    """Return the value at a dotted path such as `Vpcs.0.VpcId`, or None if it does not exist."""
    for step in path.split("."):
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = (value or {}).get(step)
    return value


def same(wanted: Any, found: Any) -> bool:
    """Return whether two values are equivalent in AWS.

    Numbers can be strings, the order of lists and the layout of JSON documents do not matter, and `found` can have
    more properties than `wanted`.
    """
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(_same_member(item, key, found) for key, item in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return _same_items(wanted, list(found))
    if _empty(wanted) or _empty(found):
        return _empty(wanted) and _empty(found)
    return bool(_scalar(wanted) == _scalar(found))


def observed(inputs: Properties, state: Properties) -> Properties:
    """Return the inputs that correspond to a state: each input is kept if it still matches, or else replaced.

    Inputs that AWS or moto does not return are kept. Properties that AWS adds to a block are omitted.
    """
    return {key: _observed(value, state[key]) if key in state else value for key, value in inputs.items()}


def _observed(wanted: Any, found: Any) -> Any:
    if same(wanted, found):
        return wanted
    if isinstance(wanted, dict) and isinstance(found, dict):
        told = {key: value for key, value in wanted.items() if key in found or value is False}
        return observed(told, found)
    return found


def planned(old: Any, outputs: Any, new: Any) -> Any:
    """Return the outputs after an update from `old` to `new` inputs, as far as a preview knows them.

    Outputs of unchanged inputs and properties that AWS adds to a block are kept. A changed input becomes the output. A
    property that the program no longer sets is unknown, because only AWS knows its default.
    """
    if old == new:
        return new if outputs is None else outputs
    if isinstance(old, dict) and isinstance(outputs, dict) and isinstance(new, dict):
        kept = {key: UNKNOWN if key in old else value for key, value in outputs.items() if key not in new}
        return kept | {key: planned(old.get(key), outputs.get(key), value) for key, value in new.items()}
    lists = isinstance(old, list) and isinstance(outputs, list) and isinstance(new, list)
    if lists and len(old) == len(outputs) == len(new):
        return [planned(*each) for each in zip(old, outputs, new, strict=True)]
    return new


def _same_member(item: Any, key: str, found: Mapping[str, Any]) -> bool:
    if key not in found and item == {}:
        return False  # an empty block is a choice, such as the action `block`
    return same(item, found.get(key)) or (item is False and key not in found)  # AWS omits what is false in a block


def _same_items(wanted: list[Any], left: list[Any]) -> bool:
    for item in wanted:
        match = next((i for i, other in enumerate(left) if same(item, other)), None)
        if match is None:
            return False
        del left[match]
    return not left


def _scalar(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        return _document(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _empty(value: Any) -> bool:
    return value in (None, "", [], {})


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
