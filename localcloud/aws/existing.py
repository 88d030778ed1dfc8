"""Resources of a preview as AWS would describe them, as far as their properties determine the description."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.aws.judge.partial import NotKnownError, OwnId, Partial
from localcloud.aws.judge.refusal import known
from localcloud.aws.resource import Resource
from localcloud.aws.shapes import to_api
from localcloud.aws.specifications.models import service_model
from localcloud.protocol.values import UNKNOWN, Properties


@dataclass(kw_only=True)
class Existing:
    """A resource, for the rules that read it from the account."""

    resource: Resource
    properties: Properties
    """Outputs of the deployed resource, or inputs of a new one."""
    new: Properties
    """Inputs after the change."""
    id: str = ""
    """Id of the resource, or "" if only AWS knows it."""
    deployed: bool = False
    created: bool = False
    """Whether the new resource was created in this preview."""

    def answer(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response to a read of this resource.

        Raises:
            NotKnownError: the request reads something else, or the resource does not exist yet.
        """
        resource = self.resource
        if service != resource.service or not resource.described:
            raise NotKnownError
        if operation == resource.describe_operation and self._is(parameters, resource.id_parameter):
            return self._description()
        if self._is(parameters, resource.one_id()):
            found = resource.reads(operation, parameters, self.new)
            if found is not None:
                return found
        raise NotKnownError

    def _is(self, parameters: Mapping[str, Any], name: str) -> bool:
        """Return whether a parameter, which may be a list of one id, identifies this resource."""
        given = parameters.get(name)
        id_ = given[0] if isinstance(given, list) and len(given) == 1 else given
        if self.id:
            return (self.created or self.deployed) and id_ == self.id
        return self.created and isinstance(id_, OwnId)

    def _description(self) -> dict[str, Any]:
        shape: Any = service_model(self.resource.service).operation_model(self.resource.describe_operation).output_shape
        steps = self.resource.found.split(".")
        for step in steps:
            shape = shape.member if step.isdigit() else shape.members[step]
        told = self.resource.describes(self.properties, self.new)
        values = to_api(shape, told, self.resource.renames)
        named = to_api(shape, dict.fromkeys(told, UNKNOWN), self.resource.renames)
        # AWS sets defaults for properties that a new resource does not have, and only AWS knows them.
        absent = frozenset(named.keys() - values.keys()) if self.deployed else frozenset[str]()
        answer: Any = Partial(values, absent)
        for step in reversed(steps):
            answer = [answer] if step.isdigit() else {step: answer}
        return dict(answer)


class Plan:
    """The resources that the engine has planned so far, for the rules about resources that refer to them."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Existing] = {}

    def clear(self) -> None:
        """Forget all resources, at the start of a run of the engine."""
        self._found.clear()

    def deployed(self, resource: Resource, id_: str, properties: Properties) -> None:
        """Record a resource that exists, with its outputs."""
        if resource.described:
            existing = Existing(resource=resource, properties=properties, new=properties, id=id_, deployed=True)
            self._found[resource.type, id_] = existing

    def new(self, resource: Resource, inputs: Properties) -> None:
        """Record a new resource whose id is its name."""
        id_ = str(inputs.get(resource.autoname) or "")
        if resource.described and id_ and known(id_):
            existing = Existing(resource=resource, properties=inputs, new=inputs, id=id_, created=True)
            self._found[resource.type, id_] = existing

    def answer(self, of: Existing, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response to a read of a planned resource of another type than `of`.

        A resource of the same type may be one that `of` replaces, and may not exist any more when `of` is created.

        Raises:
            NotKnownError: the request reads something else.
        """
        for existing in list(self._found.values()):
            here = existing.properties.get("region") == of.properties.get("region")
            if here and existing.resource.type != of.resource.type:
                try:
                    return existing.answer(service, operation, parameters)
                except NotKnownError:
                    continue
        raise NotKnownError
