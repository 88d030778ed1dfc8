"""An account that judges requests and sends none: the same code makes a resource in a preview and in a deployment."""

from collections.abc import Iterator
from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.judge import requests
from localcloud.aws.specifications.models import service_model
from localcloud.protocol.values import UNKNOWN

MAX_CALLS = 40
MAX_DEPTH = 8
# Parts of an answer that tell what failed, which in a preview is nothing.
_FAILURES = frozenset({"Unsuccessful", "Failed", "failures", "Errors", "errors"})
_SCALARS: dict[str, Any] = {"integer": 0, "long": 0, "float": 0, "double": 0, "boolean": False}


class EnoughError(Exception):
    """A resource makes more calls than a preview follows, such as one that waits."""


class _Opaque(str):
    """An unknown value that cannot be taken for a list of characters: its real value may be a list."""

    def __iter__(self) -> Iterator[str]:
        raise TypeError("an unknown value has no items")


def opaque(value: Any) -> Any:
    """Return the value with each unknown in it, at any depth, as one that cannot be iterated over."""
    if isinstance(value, dict):
        return {key: opaque(item) for key, item in value.items()}
    if isinstance(value, list):
        return [opaque(item) for item in value]
    return _Opaque(value) if value == UNKNOWN else value


class DryAccount(Account):
    """Answers each request with a value of the right shape, of which nothing is known."""

    def __init__(self, account_id: str, region: str) -> None:
        super().__init__(account_id, region, endpoint="")
        self._calls = 0

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Judge a request."""
        self._calls += 1
        if self._calls > MAX_CALLS:
            raise EnoughError
        requests.check(service, operation, parameters)
        shape = service_model(service).operation_model(operation).output_shape
        answer: dict[str, Any] = {} if shape is None else unknown_value(shape)
        return answer


def unknown_value(shape: Any, depth: int = 0) -> Any:
    """Return a value of a botocore shape: lists have one item, and text is unknown."""
    if depth > MAX_DEPTH:
        return None
    match shape.type_name:
        case "structure":
            return {
                name: [] if name in _FAILURES else unknown_value(member, depth + 1)
                for name, member in shape.members.items()
            }
        case "list":
            return [unknown_value(shape.member, depth + 1)]
        case "map":
            return {}
    return _SCALARS.get(shape.type_name, UNKNOWN)
