"""Versions as tuples of three numbers, parsed from the output of tools."""

import re

Version = tuple[int, int, int]

_VERSION = re.compile(r"(?<![\d.])v?(\d+)\.(\d+)(?:\.(\d+))?")


def parse(text: str) -> Version | None:
    """Return the first version in a text, or None; a missing patch number is 0.

    Examples of texts are "v1.35.4", "psql (PostgreSQL) 15.18" and "go1.26".
    """
    match = _VERSION.search(text)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def show(version: Version) -> str:
    """Return a version in the usual notation, such as 1.35.4."""
    return ".".join(str(number) for number in version)
