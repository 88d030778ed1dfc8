"""Definition of rules: resource types, findings and messages."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pulumi_policy import (
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from infra.resources.properties import UNKNOWN, mapping, plain
from infra.resources.resource import Properties, Resource

Check = Callable[[Resource], Iterable[str]]
"""Yields the findings about one resource; none if it complies or its values are unknown."""
StackCheck = Callable[[Sequence[Resource]], Iterable[tuple[Resource, str] | tuple[Resource, str, str]]]
"""Yields pairs of a resource and a finding that may depend on other resources.

A third item is a remedy that replaces that of the rule.
"""


# Inputs of each resource by URN, from the requests of the engine. The process of the pack runs for one operation on
# one stack.
_inputs: dict[str, Any] = {}


def resource_rule(
    *, name: str, severity: Severity, description: str, remedy: str, types: Sequence[str], check: Check
) -> ResourceValidationPolicy:
    """Return a rule that checks each resource of the given types separately."""

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        _inputs[args.urn] = args.props
        if args.resource_type not in types:
            return
        resource = Resource(
            type=args.resource_type,
            name=args.name,
            urn=args.urn,
            properties=mapping(plain(args.props)),
            protect=args.opts.protect,
        )
        for finding in check(resource):
            report(_message(resource, finding, remedy), None)

    return ResourceValidationPolicy(
        name=name, description=description, severity=severity, remediation_steps=remedy, validate=validate
    )


def stack_rule(
    *, name: str, severity: Severity, description: str, remedy: str, check: StackCheck
) -> StackValidationPolicy:
    """Return a rule that checks the whole stack; the engine runs it after all resources are registered."""

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        for resource, finding, *own in check(_stack_resources(args.resources)):
            report(_message(resource, finding, own[0] if own else remedy), resource.urn)

    return StackValidationPolicy(
        name=name, description=description, severity=severity, remediation_steps=remedy, validate=validate
    )


_converted: list[tuple[list[PolicyResource], list[int], list[Resource]]] = []
"""The last stack: the SDK's resources, which are kept so that their ids are not used again, their ids, and ours."""


def _stack_resources(given: list[PolicyResource]) -> list[Resource]:
    """Return the resources of a stack, which all stack rules share: the SDK passes the same properties to each."""
    ids = [id(each.props) for each in given]
    if not _converted or _converted[0][1] != ids:
        _converted[:] = [(list(given), ids, [_stack_resource(each) for each in given])]
    return _converted[0][2]


def _stack_resource(resource: PolicyResource) -> Resource:
    return Resource(
        type=resource.resource_type,
        name=resource.name,
        urn=resource.urn,
        properties=_whole(mapping(plain(resource.props)), mapping(plain(_inputs.get(resource.urn)))),
        protect=resource.opts.protect,
        dependencies={
            key: [each.urn for each in resources] for key, resources in resource.property_dependencies.items()
        },
    )


def _whole(outputs: Properties, inputs: Properties) -> Properties:
    """Return the inputs of the program, and the other outputs of the provider.

    A stack rule gets only outputs. There are none if the configuration of the provider is unknown,
    such as that of Kubernetes before its cluster exists; and the local cloud reports the real port of a database.
    """
    return {**outputs, **{key: value for key, value in inputs.items() if value is not UNKNOWN}}


def _message(resource: Resource, finding: str, remedy: str) -> str:
    """Return the finding and its remedy; the engine adds the rule's name and description."""
    return f"{resource.name} ({resource.type}): {finding}. Remedy: {remedy}"
