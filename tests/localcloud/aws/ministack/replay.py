"""Send the same requests to two accounts and compare the answers."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from localcloud.aws.account import Account

# A generated value, such as an id or the random end of a name, has digits and at least 7 characters, or is a long word
# in capitals, such as the id of a role without digits.
GENERATED = re.compile(r"(?=.*\d).{7,}|[A-Z]{16,}")
# Properties that identify an object of a list.
IDENTITY = re.compile(r"\w*(Id|Identifier|Arn|Key)")


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request and its answer."""

    service: str
    operation: str
    parameters: dict[str, Any]
    answer: dict[str, Any]
    code: str = ""
    """Code of the refusal; "" if there is none."""


def replay(exchanges: list[Exchange], account: Account) -> tuple[dict[str, set[str]], dict[str, tuple[Any, Any]]]:
    """Send the requests of one account to another, with the ids of the other.

    Returns:
        Different refusals: `service Operation` -> `code here / code there`. Different values, with one example each:
        `service Operation path`, such as `rds DescribeDBInstances DBInstances[].LicenseModel`, -> both values.
    """
    codes: dict[str, set[str]] = defaultdict(set)
    values: dict[str, tuple[Any, Any]] = {}
    names: dict[str, str] = {}
    sent: set[str] = set()
    """Texts of the requests, such as a zone, which no account generated."""
    for each in exchanges:
        name = f"{each.service} {each.operation}"
        sent.update(_texts(each.parameters))
        try:
            there = account._send(each.service, each.operation, **renamed(each.parameters, names))
            code = ""
        except ClientError as error:
            there, code = {}, str(error.response["Error"]["Code"])
        if code != each.code:
            codes[name].add(f"{each.code or 'answered'} / {code or 'answered'}")
        elif not code:
            known = {*names, *sent, *_texts(there)}
            names |= {here: other for here, other in _pairs(each.answer, there) if here not in known}
            for path, here, other in differences(renamed(each.answer, names), there):
                values.setdefault(f"{name} {path}", (here, other))
    return dict(codes), values


def renamed(value: Any, names: dict[str, str]) -> Any:
    """Replace the names of this account by those of the other, also inside of texts; the longest first."""
    if isinstance(value, dict):
        return {key: renamed(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [renamed(each, names) for each in value]
    if isinstance(value, str):
        for name in sorted(names, key=len, reverse=True):
            value = value.replace(name, names[name])
    return value


def differences(here: Any, there: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield differences between values that both answers have; lists are compared by length first."""
    if isinstance(here, dict) and isinstance(there, dict):
        for key in here.keys() & there.keys() - {"ResponseMetadata"}:
            yield from differences(here[key], there[key], f"{path}.{key}" if path else key)
    elif isinstance(here, list) and isinstance(there, list):
        if len(here) != len(there):
            yield path, f"{len(here)} items", f"{len(there)} items"
            return
        for one, other in zip(sorted(here, key=_identity), sorted(there, key=_identity), strict=True):
            yield from differences(one, other, f"{path}[]")
    elif isinstance(here, str | int | float) and here != there:
        yield path, here, there


def _identity(value: Any) -> str:
    """Return the key to compare objects of a list by: their ids, if any."""
    ids = {key: each for key, each in value.items() if IDENTITY.fullmatch(key)} if isinstance(value, dict) else {}
    return repr(sorted(ids.items())) if ids else repr(value)


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts of an answer."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value


def _pairs(here: Any, there: Any) -> Iterator[tuple[str, str]]:
    """Yield pairs of generated texts at the same place of both answers."""
    if isinstance(here, dict) and isinstance(there, dict):
        for key in here.keys() & there.keys():
            yield from _pairs(here[key], there[key])
    elif isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
        for one, other in zip(here, there, strict=True):
            yield from _pairs(one, other)
    elif isinstance(here, str) and isinstance(there, str) and here != there and GENERATED.fullmatch(here):
        yield here, there
        # Route 53 returns /hostedzone/ID, and requests have ID.
        if "/" in here:
            yield from _pairs(here.rpartition("/")[2], there.rpartition("/")[2])
