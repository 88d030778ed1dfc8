"""Reads `approvals.toml`, and reports what is wrong in it."""

import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from infra.errors import InputError
from infra.guard.approval import Approval
from infra.review.hazard import HazardKind

FILE = "approvals.toml"
BYTE_ORDER_MARK = "\ufeff"
"""The byte order mark, which some editors on Windows write at the start of a file."""
MAX_DAYS = 90
TABLE = "approval"
TEXTS = ("urn", "kind", "reason", "owner")
KEYS = ("stacks", *TEXTS, "expires")
FORM = f"an entry has {', '.join(KEYS)}, as in docs/guard.md"


def read(path: Path, stacks: Sequence[str], today: date) -> list[Approval]:
    """Return the entries of the file; none if there is no file.

    Args:
        path: the file.
        stacks: the names of all stacks.
        today: the date of the check.

    Raises:
        InputError: the file cannot be read, or an entry has a wrong form.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{FILE}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return parse(text, stacks, today)


def parse(text: str, stacks: Sequence[str], today: date) -> list[Approval]:
    """Return the entries of a file with this text.

    Raises:
        InputError: it is not TOML, or an entry has a wrong form.
    """
    try:
        document = tomllib.loads(text.removeprefix(BYTE_ORDER_MARK))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{FILE}: not valid TOML: {error}; {FORM}") from error
    entries = document.pop(TABLE, [])
    if document or not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise InputError(f"{FILE}: {', '.join(document) or TABLE}: only tables [[{TABLE}]] are accepted; {FORM}")
    return [_approval(number, each, stacks, today) for number, each in enumerate(entries, 1)]


def _approval(number: int, entry: dict[str, Any], known: Sequence[str], today: date) -> Approval:
    def fail(text: str) -> InputError:
        return InputError(f"{FILE}: entry {number}: {text}")

    if other := [key for key in entry if key not in KEYS]:
        raise fail(f"{other[0]} is not accepted; {FORM}")
    for key in TEXTS:
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise fail(f"{key} must be a text that is not empty, not {entry.get(key)!r}; {FORM}")
        if not all(each.isprintable() or each in "\n\t" for each in entry[key]):
            raise fail(f"{key} has control characters: {entry[key]!r}; remove them")
    stacks = entry.get("stacks")
    if not isinstance(stacks, list) or not stacks or len(set(map(str, stacks))) < len(stacks):
        raise fail(f'stacks must be a list of different stacks, such as ["{known[0]}"], not {stacks!r}')
    for each in stacks:
        if each not in known:
            raise fail(f"stacks: there is no stack {each!r}; {_near(str(each), known)}")
    if entry["kind"] not in list(HazardKind):
        raise fail(f"kind: {entry['kind']!r} is not a kind of hazard; {_near(entry['kind'], list(HazardKind))}")
    expires = entry.get("expires")
    if type(expires) is not date:  # a datetime is a date too, but cannot be compared with one
        raise fail(f"expires must be a date, such as {today + timedelta(days=30)}, not {expires!r}")
    if expires > today + timedelta(days=MAX_DAYS):
        last = today + timedelta(days=MAX_DAYS)
        raise fail(f"expires: {expires} is more than {MAX_DAYS} days away; accepted: until {last}")
    texts = {key: entry[key] for key in TEXTS if key != "kind"}
    return Approval(stacks=tuple(stacks), kind=HazardKind(entry["kind"]), expires=expires, number=number, **texts)


def _near(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
