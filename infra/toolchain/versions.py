"""Versions as tuples of three numbers, and how to read one out of what a tool prints."""

import re

Version = tuple[int, int, int]

_VERSION = re.compile(r"(?<![\d.])v?(\d+)\.(\d+)(?:\.(\d+))?")


def parse(text: str) -> Version | None:
    """The first version in a text ("v1.35.4", "psql (PostgreSQL) 15.18", "go1.26"), or None; a missing patch is 0."""
    match = _VERSION.search(text)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def show(version: Version) -> str:
    """Return a version as people write it."""
    return ".".join(str(number) for number in version)
