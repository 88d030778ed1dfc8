"""Validates values of conditions and resources of policies, with the messages of IAM.

The messages are recorded from real requests:
https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/iam. No source documents that IAM refuses a value of
`Bool`, so every value is accepted.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from ipaddress import ip_network
from typing import Any

from localcloud.aws.judge.rules.policies import texts
from localcloud.aws.specifications.models import loader
from localcloud.protocol.values import UNKNOWN

SYNTAX = "Syntax errors in policy."
LEGACY = "The policy failed legacy parsing"
_ARN_PARTS = 6
_WILDCARD = re.compile("[*?]")
_DATE = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)"
    r"([Tt ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?)?)?"
)
_EPOCH = re.compile(r"\d{1,19}")


def condition_faults(conditions: Mapping[str, Any]) -> Iterator[str]:
    """Yield the errors of the values of conditions. The operators are valid. Values that are not known are accepted."""
    for operator, keys in conditions.items():
        if isinstance(keys, str) and UNKNOWN in keys:
            continue
        if not isinstance(keys, Mapping):
            yield SYNTAX
            continue
        name = operator.rpartition(":")[2].removesuffix("IfExists")
        for key, value in keys.items():
            listed = value if isinstance(value, list) else [value]
            # The grammar allows strings, numbers and booleans, and lists of them:
            # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
            if value is None or any(isinstance(each, dict | list) for each in listed):
                yield SYNTAX
            elif ":" not in key and UNKNOWN not in key:
                yield "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
            else:
                yield from _wrong_values(name, listed)


def _wrong_values(operator: str, values: list[Any]) -> Iterator[str]:
    accepts, words = next((rule for start, rule in _VALUES.items() if operator.startswith(start)), (None, ""))
    for value in values:
        # A policy variable gets its value from each request, so it cannot be checked here.
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if accepts and UNKNOWN not in text and "${" not in text and not accepts(text):
            yield words


def _is_date(text: str) -> bool:
    """Return whether a text is an ISO 8601 date or a number of seconds since 1970."""
    found = _DATE.fullmatch(text)
    if found is None:
        return _EPOCH.fullmatch(text) is not None
    try:
        date(int(found["year"]), int(found["month"] or 1), int(found["day"] or 1))
    except ValueError:
        return False
    return True


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii() and not text.lower().strip("+-").startswith(("inf", "nan"))


def _is_network(text: str) -> bool:
    """Return whether a text is an IP address or a CIDR block, ignoring host bits."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return re.fullmatch(r"[0-9A-Fa-f:.]+(/\d{1,3})?", text, re.ASCII) is not None


def _is_arn(text: str) -> bool:
    return text == "*" or (text.startswith("arn:") and text.count(":") >= _ARN_PARTS - 1)


def _is_base64(text: str) -> bool:
    try:
        b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return bool(text)


_VALUES: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "Date": (_is_date, LEGACY),
    "Numeric": (_is_number, LEGACY),
    "IpAddress": (_is_network, LEGACY),
    "NotIpAddress": (_is_network, LEGACY),
    "Arn": (_is_arn, LEGACY),
    "BinaryEquals": (_is_base64, SYNTAX),
    # cfn-lint AWS::IAM::Policy: data/schemas/other/iam/policy.json, definitions.Condition.properties.Null
    "Null": (lambda text: text in ("true", "false"), SYNTAX),
}
"""Start of an operator's name -> check of a value, and IAM's message for an invalid value."""


def resource_faults(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yield the errors of the resources of a statement in an identity-based policy."""
    for resource in texts(statement.get("Resource", statement.get("NotResource"))):
        if resource == "*":
            continue
        if not resource.startswith("arn:"):
            yield f'Resource {resource} must be in ARN format or "*".'
            continue
        # A `*` at the end of a part also matches the following parts:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
        parts = resource.split(":", _ARN_PARTS - 1)
        if (len(parts) < _ARN_PARTS and not resource.endswith("*")) or len(parts) <= 2 or not all(parts[1:3]):
            yield LEGACY
            continue
        yield from _arn_faults(resource, [*parts, *"***"][:_ARN_PARTS])


def _arn_faults(resource: str, parts: list[str]) -> Iterator[str]:
    _, partition, service, region, account, name = parts
    if not name:
        yield LEGACY
    if not _WILDCARD.search(partition) and partition not in _partitions():
        yield f'Partition "{partition}" is not valid for resource "{resource}".'
    if _WILDCARD.search(service):
        yield "Resource vendor must be fully qualified and cannot contain regexes."
    of_bucket = service == "s3" and "/" not in name and ":" not in name and len(resource.split(":")) >= _ARN_PARTS
    if (service == "iam" or of_bucket) and region.strip("*?"):
        yield f"Resource {resource} can not contain region information."
    elif of_bucket and account.strip("*?"):
        yield f"Resource {resource} cannot contain an account id."


@cache
def _partitions() -> frozenset[str]:
    return frozenset(each["partition"] for each in loader().load_data("endpoints")["partitions"])
