"""Entity tags: the version of a row in quotes, and what clients ask with them."""

import re
from collections.abc import Iterable

_TAG = re.compile(r'(W/)?"([^"]*)"')
_VERSION = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)


def etag(version: int) -> str:
    """Return the strong entity tag of a version; it changes with every write, and ids are never used again."""
    return f'"{version}"'


def header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """Return the header of an ASGI scope, several of the name joined as HTTP has it; None if there is none.

    `name` is in lower case. Cheaper than building Starlette's Headers for one look.
    """
    found = [value for given, value in headers if given == name]
    return b", ".join(found).decode("latin-1") if found else None


def required_versions(if_match: str | None) -> list[int] | None:
    """Return the versions that `If-Match` accepts; None if any will do, because it is `*` or left out.

    Weak tags never match here (RFC 9110, 13.1.1), and a text that is no tag of ours matches nothing.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    return [int(tag) for weak, tag in _TAG.findall(if_match) if not weak and _VERSION.fullmatch(tag)]


def is_known(if_none_match: str | None, version: int) -> bool:
    """Return whether the client has this version already, as `If-None-Match` tells; weak tags do match here."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or str(version) in (tag for _, tag in _TAG.findall(if_none_match))
