"""Check resources with a rule through the SDK's own view, as the engine does."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from pulumi_policy import (
    Policy,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from infra.policy.on_resources import options_of, stack_of
from infra.policy.rule import _inputs
from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource

ABSENT = object()
"""Used as a new value, it removes the property."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """A resource of a test."""

    type: str
    properties: dict[str, Any]
    name: str = "subject"
    protect: bool = True
    depends: Mapping[str, str] = field(default_factory=dict)
    """Property -> name of the resource it comes from."""

    def but(self, path: str, value: Any) -> "Given":
        """Return a copy with one property changed, such as `vpcConfig.publicAccessCidrs` or `ingress.0.toPort`."""
        properties = deepcopy(self.properties)
        *steps, last = [int(step) if step.isdigit() else step for step in path.replace("\\.", "\0").split(".")]
        place: Any = properties
        for step in steps:
            place = place[_key(step)]
        if value is ABSENT:
            del place[_key(last)]
        else:
            place[_key(last)] = value
        return Given(type=self.type, properties=properties, name=self.name, protect=self.protect, depends=self.depends)

    @property
    def urn(self) -> str:
        return f"urn:pulumi:prod::drydock::{self.type}::{self.name}"

    def paths(self) -> Iterator[str]:
        """Yield every property, at any depth."""
        yield from _paths(self.properties, "")

    def unknown_at(self, path: str) -> "Given":
        """Return a copy in which this property is unknown, as in a preview."""
        return self.but(path, UNKNOWN_STRING_VALUE)


def violations(rule: Policy, *resources: Given, **inputs: Mapping[str, Any]) -> list[str]:
    """Return the violations that a rule reports for resources: each by itself, or as one stack for a stack rule.

    `inputs`, by the resource's name, are needed only if the resource's properties are outputs that differ from them.
    """
    found: list[str] = []

    def report(message: str, urn: str | None = None) -> None:
        found.append(message)

    if isinstance(rule, StackValidationPolicy):
        _inputs.clear()  # those of another test
        _inputs.update(
            {given.urn: unknown_checking_proxy(inputs[given.name]) for given in resources if given.name in inputs}
        )
        rule.validate(as_stack(resources), report)
    elif isinstance(rule, ResourceValidationPolicy):
        for own in _resources(resources):
            rule.validate(
                ResourceValidationArgs(own.type, _seen(own.properties), own.urn, own.name, options_of(own), None),
                report,
            )
    return found


def stack_violations(rule: StackValidationPolicy, resources: Sequence[Resource]) -> list[str]:
    """Return the violations that a stack rule reports for a whole stack, with the view of a preview."""
    found: list[str] = []
    _inputs.clear()
    arguments = stack_of(resources, lambda properties: _seen(marked(properties)))
    rule.validate(arguments, lambda message, urn=None: found.append(message))
    return found


def marked(value: Any) -> Any:
    """Replace unknown values by the engine's mark for them."""
    if isinstance(value, dict):
        return {key: marked(each) for key, each in value.items()}
    if isinstance(value, list):
        return [marked(each) for each in value]
    return UNKNOWN_STRING_VALUE if value is UNKNOWN else value


def as_stack(resources: Sequence[Given]) -> StackValidationArgs:
    """Return what a stack rule is called with, with the view of the SDK."""
    return stack_of(_resources(resources), _seen)


def _resources(given: Sequence[Given]) -> list[Resource]:
    urns = {each.name: each.urn for each in given}
    return [
        Resource(
            type=each.type,
            name=each.name,
            urn=each.urn,
            properties=each.properties,
            protect=each.protect,
            dependencies={key: [urns[name]] for key, name in each.depends.items()},
        )
        for each in given
    ]


def _seen(properties: dict[str, Any]) -> Any:
    """Return the properties as the SDK passes them, as a copy that a rule cannot change."""
    return unknown_checking_proxy(deepcopy(properties))


def _key(step: str | int) -> str | int:
    return step.replace("\0", ".") if isinstance(step, str) else step


def _paths(value: Any, prefix: str) -> Iterator[str]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in entries:
        path = prefix + str(key).replace(".", "\\.")
        yield path
        yield from _paths(each, f"{path}.")
