"""Measures the recognition of secrets on labelled settings."""

import re
import tomllib
from pathlib import Path

from infra.policy.secret_shapes import secret_setting

FILE = Path(__file__).with_suffix(".toml")


def labelled() -> list[tuple[str, str, bool]]:
    """Return the name and value of each setting, and whether it is a secret."""
    lists = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return [(name, _long(value), kind == "secrets") for kind in ("secrets", "others") for name, value in lists[kind]]


def mistakes() -> tuple[list[str], list[str]]:
    """Return the names of false alarms, and those of secrets that are not recognized, each with its value."""
    judged = [(f"{name}={value}", secret, secret_setting(name, value)) for name, value, secret in labelled()]
    return (
        [text for text, secret, found in judged if found and not secret],
        [text for text, secret, found in judged if secret and not found],
    )


def _long(value: str) -> str:
    return re.sub(r"\{(\w+)\*(\d+)\}", lambda found: found[1] * int(found[2]), value)
