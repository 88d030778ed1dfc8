"""The same requests to two accounts, and how the answers differ."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from localcloud.aws.account import Account

# What an account makes up, such as an id or the random end of a name, holds digits and is not short; or it is one long
# word in capitals, such as the id of a role that happens to have no digit.
GENERATED = re.compile(r"(?=.*\d).{7,}|[A-Z]{16,}")
# What names one of the objects of a list.
IDENTITY = re.compile(r"\w*(Id|Identifier|Arn|Key)")


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its answer."""

    service: str
    operation: str
    parameters: dict[str, Any]
    answer: dict[str, Any]
    code: str = ""
    """Of a refusal; "" where it was answered."""


def replay(exchanges: list[Exchange], account: Account) -> tuple[dict[str, set[str]], dict[str, tuple[Any, Any]]]:
    """Send what one account was sent to another one, with the other's own ids in place.

    Returns:
        Refusals that differ, by `service Operation`: `code here / code there`. And values that differ, one example of
        each, by `service Operation path`, such as `rds DescribeDBInstances DBInstances[].LicenseModel`.
    """
    codes: dict[str, set[str]] = defaultdict(set)
    values: dict[str, tuple[Any, Any]] = {}
    names: dict[str, str] = {}
    sent: set[str] = set()
    """What requests named, such as a zone: no account made that up."""
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
    """Put the other account's names in place of this one's, inside of texts too; the longest first."""
    if isinstance(value, dict):
        return {key: renamed(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [renamed(each, names) for each in value]
    if isinstance(value, str):
        for name in sorted(names, key=len, reverse=True):
            value = value.replace(name, names[name])
    return value


def differences(here: Any, there: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Compare what both answers have, value by value; lists by length first."""
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
    """Return what an object of a list is compared by: its ids, where it has any."""
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
    """Yield the texts at the same places that both accounts made up."""
    if isinstance(here, dict) and isinstance(there, dict):
        for key in here.keys() & there.keys():
            yield from _pairs(here[key], there[key])
    elif isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
        for one, other in zip(here, there, strict=True):
            yield from _pairs(one, other)
    elif isinstance(here, str) and isinstance(there, str) and here != there and GENERATED.fullmatch(here):
        yield here, there
        # Route 53 answers /hostedzone/ID, and is asked for ID.
        if "/" in here:
            yield from _pairs(here.rpartition("/")[2], there.rpartition("/")[2])
