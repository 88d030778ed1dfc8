"""Types of the rules, which are functions of a request or of a request and the account, and reads of the account."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from localcloud.aws.judge.refusal import RefusedError, error_code

Parameters = Mapping[str, Any]
"""Parameters of a request, in AWS's names. In a preview some values are unknown: see `refusal.known`."""


class Ask(Protocol):
    """Reads the account."""

    def __call__(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call a read operation, such as `DescribeSubnets`, like `Account.call` but without checking the request."""


RequestRule = Callable[[Parameters], Iterator[RefusedError]]
"""Yields the errors of a request that do not depend on the account. Applies to previews and deployments."""
StateRule = Callable[[Parameters, Ask], Iterator[RefusedError]]
"""Yields the errors of a request in the current state of the account. Applies to deployments, and to
previews as far as these know what the rule reads: see `partial`."""
Key = tuple[str, str]
"""Service and operation, such as `("rds", "CreateDBInstance")`."""
RequestRules = Mapping[Key, tuple[RequestRule, ...]]
StateRules = Mapping[Key, tuple[StateRule, ...]]

_ABSENT = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist", "404")


def remembering(ask: Ask) -> Ask:
    """Return `ask` with a cache, so that the rules of one request read each resource only once."""
    answers: dict[str, dict[str, Any]] = {}

    def read(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        key = repr((service, operation, parameters))
        if key not in answers:
            answers[key] = ask(service, operation, **parameters)
        return answers[key]

    return read


def lookup(ask: Ask, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
    """Read something that may not exist from the account.

    Returns:
        The response, or {} if the account responds that it does not exist.
    """
    try:
        return ask(service, operation, **parameters)
    except Exception as error:
        if not any(part in error_code(error) for part in _ABSENT):
            raise
        return {}


def region_of(ask: Ask) -> str:
    """Return the region of the account's client."""
    return str(ask("ec2", "DescribeAvailabilityZones")["AvailabilityZones"][0]["RegionName"])


def one(ask: Ask, operation: str, key: str, **parameters: Any) -> dict[str, Any]:
    """Return the first item under a key of an EC2 response, or {} if there is none."""
    return next(iter(lookup(ask, "ec2", operation, **parameters).get(key, ())), {})


def filtered(ask: Ask, operation: str, key: str, name: str, value: Any) -> list[dict[str, Any]]:
    """Return the items under a key of an EC2 response that match a filter."""
    return list(ask("ec2", operation, Filters=[{"Name": name, "Values": [str(value)]}]).get(key, ()))
