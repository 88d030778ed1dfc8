"""Converts Pulumi property values to plain Python: keeps unknowns, unwraps secrets, and restores integers."""

from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime.rpc import UNKNOWN as _UNKNOWN

Properties = dict[str, Any]
UNKNOWN: str = _UNKNOWN
"""Represents a value that is unknown during a preview."""

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key that marks special objects in Pulumi's wire format, its states and its events."""
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the mark of a secret, not one
"""The value of that key in a secret."""
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"


def decode(struct: struct_pb2.Struct) -> Properties:
    """Return a protobuf struct as a dict; an unknown value is the string `UNKNOWN`, a secret is its plain value."""
    return {key: _plain(value) for key, value in json_format.MessageToDict(struct).items()}


def encode(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Return a dict as a protobuf struct; entries of objects that are None are omitted."""
    struct = struct_pb2.Struct()
    struct.update({key: _wire(value) for key, value in properties.items() if value is not None})
    return struct


def secret(value: Any) -> Properties:
    """Mark a value as secret, so that the engine stores it encrypted; `decode` returns the plain value."""
    return {SIGNATURE: SECRET, "value": value}


def is_unknown(value: object) -> bool:
    """Return whether a value is, or contains at any depth, a value that is unknown until the deployment."""
    if isinstance(value, dict):
        return any(is_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(is_unknown(item) for item in value)
    return bool(value == UNKNOWN)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        match value.get(SIGNATURE):
            case mark if mark == SECRET:
                return _plain(value.get("value"))
            case mark if mark == _OUTPUT:
                return _plain(value.get("value", UNKNOWN))
        return {key: _plain(item) for key, item in value.items()}
    return value


def _wire(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _wire(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_wire(item) for item in value]
    return value
