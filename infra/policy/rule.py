"""The form of a rule: what it looks at, what it finds, and the message that comes of it."""

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
"""What is wrong with one resource, one text a finding; nothing where all is right or cannot be known yet."""
StackCheck = Callable[[Sequence[Resource]], Iterable[tuple[Resource, str] | tuple[Resource, str, str]]]
"""What is wrong with resources that only the others can tell; with a remedy where the rule's own is too general."""


# What the engine has asked about each resource, by URN. The pack's process lives for one operation on one stack.
_inputs: dict[str, Any] = {}


def resource_rule(
    *, name: str, severity: Severity, description: str, remedy: str, types: Sequence[str], check: Check
) -> ResourceValidationPolicy:
    """A rule that judges each resource of the given types by itself."""

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
    """A rule that judges resources by what else the stack holds; the engine runs it after all are registered."""

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        for resource, finding, *own in check([_stack_resource(each) for each in args.resources]):
            report(_message(resource, finding, own[0] if own else remedy), resource.urn)

    return StackValidationPolicy(
        name=name, description=description, severity=severity, remediation_steps=remedy, validate=validate
    )


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
    """What the program asks for, and what else the provider tells.

    A stack rule is given outputs alone. There are none at all where a provider's own configuration is not known yet,
    such as that of Kubernetes before its cluster is there; and the local cloud tells the real port of a database.
    """
    return {**outputs, **{key: value for key, value in inputs.items() if value is not UNKNOWN}}


def _message(resource: Resource, finding: str, remedy: str) -> str:
    """The engine adds the rule's name and description; a reader still needs the rest."""
    return f"{resource.name} ({resource.type}): {finding}. Remedy: {remedy}"
