"""Entity tags: the version of a row in quotes, and their comparison with the headers of a request."""

import re
from collections.abc import Iterable

# RFC 9110, 8.8.3. W/ is case-sensitive.
_TAG = re.compile(r'(?:^|,)[ \t]*(W/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)')


def etag(version: int) -> str:
    """Return the strong entity tag of a version; it changes with every write, and ids are never reused."""
    return f'"{version}"'


def header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """Return a header of an ASGI scope, repeated headers joined as in HTTP; None if it is missing.

    `name` is in lower case. This is cheaper than Starlette's Headers for a single header.
    """
    found = [value for given, value in headers if given == name]
    return b", ".join(found).decode("latin-1") if found else None


def matches(field: str, tag: str, *, strong: bool) -> bool:
    """Return whether If-Match (`strong`) or If-None-Match names the tag, or all tags by `*`.

    `tag` is strong. A weak tag equals it only in the weak comparison (RFC 9110, 8.8.3.2). A malformed tag equals none.
    """
    if field.strip() == "*":
        return True
    return any(opaque == tag and not (strong and weak) for weak, opaque in _TAG.findall(field))
