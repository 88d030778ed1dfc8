"""The base images of a Dockerfile: the `ARG`s that a `FROM` names, each with its status in the line above.

    # Not resolved.
    ARG SLIM_IMAGE=python:3.13-slim-trixie

    # Resolved on 2026-11-28.
    ARG SLIM_IMAGE=python:3.13-slim-trixie@sha256:...

The digests are only in the Dockerfile, so `docker build` needs nothing else, and a new digest is a change of a file
like any other: it is reviewed, changes the tag of the image, and can be rolled back.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from infra.errors import InputError

UNRESOLVED = "# Not resolved."
_STATUS = re.compile(r"# (?:Not resolved\.|Resolved on (?P<day>\d{4}-\d\d-\d\d)\.)")
_ARG = re.compile(r"ARG\s+(?P<name>[A-Za-z_]\w*)(?:=(?P<tag>[^\s@]+)(?:@(?P<digest>\S+))?)?\s*", re.IGNORECASE)
_FROM = re.compile(r"FROM\s+(?:--\S+\s+)*\$\{?(?P<name>\w+)\}?(?:\s.*)?", re.IGNORECASE)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Base:
    """One base image."""

    argument: str
    """Name of the `ARG`."""
    tag: str
    """Reference with a tag, such as `python:3.13-slim-trixie`, and without a digest."""
    digest: str | None
    """`sha256:...`, which builds use; None if it is not resolved."""
    resolved: date | None
    """The day on which the registry first returned that digest."""
    line: int
    """Number of the `ARG`'s line, from 0. The line before has the status."""


def read_bases(text: str, name: str = "Dockerfile") -> list[Base]:
    """Read the base images of a Dockerfile, in order.

    Args:
        text: its content.
        name: its name in messages.

    Raises:
        InputError: a base image has another form than above; the message names the line and the accepted form.
    """
    lines = text.split("\n")
    used = {match["name"] for line in lines if (match := _FROM.fullmatch(line.strip()))}
    first = next((number for number, line in enumerate(lines) if _FROM.match(line.strip())), len(lines))
    found = []
    for number, line in enumerate(lines[:first]):
        match = _ARG.fullmatch(line.strip())
        if match and match["name"] in used:
            found.append(_base(lines, number, match, f"{name}:{number + 1}"))
    if missing := used - {base.argument for base in found}:
        raise InputError(f"{name}: FROM names {', '.join(sorted(missing))}, but no ARG before the first FROM does")
    return found


def renewed(text: str, digests: Mapping[str, str], today: date, name: str = "Dockerfile") -> str:
    """Write new digests into a Dockerfile. An unchanged digest keeps its date.

    Args:
        text: its content.
        digests: by name of the `ARG`.
        today: the day on which the registries returned them.
        name: its name in messages.
    """
    lines = text.split("\n")
    for base in read_bases(text, name):
        digest = digests[base.argument]
        if digest != base.digest:
            lines[base.line - 1] = f"# Resolved on {today.isoformat()}."
            lines[base.line] = f"ARG {base.argument}={base.tag}@{digest}"
    return "\n".join(lines)


def _base(lines: list[str], number: int, match: "re.Match[str]", where: str) -> Base:
    status = _STATUS.fullmatch(lines[number - 1].strip()) if number else None
    if match["tag"] is None:
        raise InputError(f"{where}: ARG {match['name']} names no image; write ARG {match['name']}=image:tag")
    if status is None:
        raise InputError(f"{where}: the line above ARG {match['name']} is not its status; write: {UNRESOLVED}")
    digest = match["digest"]
    if digest and not _DIGEST.fullmatch(digest):
        raise InputError(f"{where}: {digest} is not a digest; write sha256: and 64 hexadecimal digits, or leave it out")
    if bool(digest) != bool(status["day"]):
        raise InputError(f"{where}: the line above contradicts ARG {match['name']}; write: {UNRESOLVED}, and no @")
    try:
        day = date.fromisoformat(status["day"]) if status["day"] else None
    except ValueError:
        raise InputError(f"{where}: the line above has no date; write the day as in 2026-11-28") from None
    return Base(argument=match["name"], tag=match["tag"], digest=digest, resolved=day, line=number)
