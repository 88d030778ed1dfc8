"""An account that checks requests without sending them, so that previews run the same code as deployments."""

from collections.abc import Iterator
from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.existing import Existing, Plan
from localcloud.aws.judge import requests
from localcloud.aws.judge.partial import NotKnownError, OwnId, Partial
from localcloud.aws.specifications.models import service_model
from localcloud.protocol.values import UNKNOWN

MAX_CALLS = 40
MAX_DEPTH = 8
# Members of a response that list failures. In a preview they are empty.
_FAILURES = frozenset({"Unsuccessful", "Failed", "failures", "Errors", "errors"})
_SCALARS: dict[str, Any] = {"integer": 0, "long": 0, "float": 0, "double": 0, "boolean": False}


class EnoughError(Exception):
    """A resource makes more calls than a preview allows, for example because it waits for something."""


class _Opaque(str):
    """An unknown value that cannot be iterated over, because its real value could be a list."""

    def __iter__(self) -> Iterator[str]:
        raise TypeError("an unknown value has no items")


def opaque(value: Any) -> Any:
    """Return a value in which unknown values, at any depth, cannot be iterated over."""
    if isinstance(value, dict):
        return {key: opaque(item) for key, item in value.items()}
    if isinstance(value, list):
        return [opaque(item) for item in value]
    return _Opaque(value) if value == UNKNOWN else value


class DryAccount(Account):
    """Responds to each request with unknown values in the shape of the response.

    Args:
        account_id: id of the account.
        region: region of the requests.
        existing: the resource that the requests create or change, for the rules that read it.
        plan: the resources that were planned before.
    """

    def __init__(
        self, account_id: str, region: str, existing: Existing | None = None, plan: Plan | None = None
    ) -> None:
        super().__init__(account_id, region, endpoint="")
        self._calls = 0
        self._existing = existing
        self._plan = plan or Plan()

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Check a request, and return a response with unknown values."""
        self._calls += 1
        if self._calls > MAX_CALLS:
            raise EnoughError
        self.check(service, operation, **parameters)
        shape = service_model(service).operation_model(operation).output_shape
        answer: dict[str, Any] = {} if shape is None else unknown_value(shape)
        own = self._existing
        if own is not None and operation == getattr(own.resource, "create_operation", ""):
            own.created = True
            _put_id(answer, own.resource.created_id)
        return answer

    def check(self, service: str, operation: str, **parameters: Any) -> None:
        """Check a request with what a preview knows of the account."""
        requests.check(service, operation, parameters, self._ask, preview=True)

    def _ask(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Read what a preview knows of the account: its region, and the planned resources."""
        if (service, operation, parameters) == ("ec2", "DescribeAvailabilityZones", {}):
            return {"AvailabilityZones": [Partial({"RegionName": self.region}, frozenset())]}
        if self._existing is None:
            raise NotKnownError
        try:
            return self._existing.answer(service, operation, parameters)
        except NotKnownError:
            return self._plan.answer(self._existing, service, operation, parameters)


def _put_id(answer: Any, path: str) -> None:
    """Mark the id of the created resource in a response, so that later requests for this resource are recognized."""
    steps = [int(step) if step.isdigit() else step for step in path.split(".") if step]
    for step in steps[:-1]:
        answer = answer[step]
    if steps and answer[steps[-1]] == UNKNOWN:
        answer[steps[-1]] = OwnId(UNKNOWN)


def unknown_value(shape: Any, depth: int = 0) -> Any:
    """Return a value of a botocore shape, with one item in each list and unknown strings."""
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
