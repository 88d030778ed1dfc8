"""Reads plain values from properties that may be missing, unknown or of the wrong type."""

from typing import Any

from infra.resources.properties import UNKNOWN, is_number
from infra.resources.resource import Resource

PROTOCOLS = {"6": "TCP", "17": "UDP", "1": "ICMP"}


def text(value: Any) -> str:
    """Return the value if it is a string, else an empty string."""
    return value if isinstance(value, str) else ""


def protocol(value: Any) -> str:
    """Return the protocol: `TCP` for `tcp`, `6` and 6.0, `ALL` for all protocols, or empty if it is unknown."""
    if value is UNKNOWN or value is None:
        return ""
    name = str(int(value)) if is_number(value) else str(value)
    if name in ("-1", "all"):
        return "ALL"
    return PROTOCOLS.get(name, name.upper())


def number(value: Any) -> int | None:
    """Return the value as a number, also if it is a numeric string; None if it is unknown or not a number."""
    if is_number(value):
        return int(value)
    return int(value) if isinstance(value, str) and value.lstrip("-").isdecimal() else None


def known_bool(value: Any, default: bool) -> bool | None:
    """Return the value as a boolean; `default` if it is missing, None if it is unknown."""
    if value is None:
        return default
    if value is UNKNOWN:
        return None
    return value is True or value == "true"


def named(resource: Resource | None) -> str:
    """Return the name of a resource, or "?" if it is unknown."""
    return resource.name if resource else "?"
