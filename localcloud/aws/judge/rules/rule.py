"""What a rule is: a function of a request, and of the account where it asks for what is there."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from localcloud.aws.judge.refusal import RefusedError, error_code

Parameters = Mapping[str, Any]
"""Parameters of a request, in AWS's names. In a preview some are unknown; see `refusal.known`."""


class Ask(Protocol):
    """Reads the account."""

    def __call__(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call an operation that reads, such as `DescribeSubnets`, as `Account.call` does, without being judged."""


RequestRule = Callable[[Parameters], Iterator[RefusedError]]
"""Gives what is wrong with a request, whatever is in the account. Also judges previews."""
StateRule = Callable[[Parameters, Ask], Iterator[RefusedError]]
"""Gives what is wrong with a request in an account that is as it is. Judges deployments only."""
Key = tuple[str, str]
"""Service and operation, such as `("rds", "CreateDBInstance")`."""
RequestRules = Mapping[Key, tuple[RequestRule, ...]]
StateRules = Mapping[Key, tuple[StateRule, ...]]

_ABSENT = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist", "404")


def remembering(ask: Ask) -> Ask:
    """Return `ask` with a memory: what one request refers to several times is read once."""
    answers: dict[str, dict[str, Any]] = {}

    def read(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        key = repr((service, operation, parameters))
        if key not in answers:
            answers[key] = ask(service, operation, **parameters)
        return answers[key]

    return read


def lookup(ask: Ask, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
    """Ask the account about something that may not be there.

    Returns:
        The answer; {} where the account says that it has no such thing.
    """
    try:
        return ask(service, operation, **parameters)
    except Exception as error:
        if not any(part in error_code(error) for part in _ABSENT):
            raise
        return {}


def region_of(ask: Ask) -> str:
    """The region that the account is asked in."""
    return str(ask("ec2", "DescribeAvailabilityZones")["AvailabilityZones"][0]["RegionName"])


def one(ask: Ask, operation: str, key: str, **parameters: Any) -> dict[str, Any]:
    """The first of EC2's answers under a key; {} where there is none."""
    return next(iter(lookup(ask, "ec2", operation, **parameters).get(key, ())), {})


def filtered(ask: Ask, operation: str, key: str, name: str, value: Any) -> list[dict[str, Any]]:
    """EC2's answers under a key for which a filter has a value."""
    return list(ask("ec2", operation, Filters=[{"Name": name, "Values": [str(value)]}]).get(key, ()))
