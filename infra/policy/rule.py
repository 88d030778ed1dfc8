"""The form of a rule: what it looks at, what it finds, and the message that comes of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
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

from infra.policy.properties import mapping, plain

Properties = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as the rules see it."""

    type: str
    """Pulumi type token, such as `aws:rds/instance:Instance`."""
    name: str
    urn: str
    properties: Properties
    """In camelCase, as the engine passes them; UNKNOWN where a preview cannot know."""
    protect: bool = False
    dependencies: dict[str, list[str]] = field(default_factory=dict)
    """Property -> URNs of the resources whose outputs it is made of. Only stack rules have it."""


Check = Callable[[Resource], Iterable[str]]
"""What is wrong with one resource, one text a finding; nothing where all is right or cannot be known yet."""
StackCheck = Callable[[Sequence[Resource]], Iterable[tuple[Resource, str]]]
"""What is wrong with resources of a stack that only the others can tell."""


def resource_rule(
    *, name: str, severity: Severity, description: str, remedy: str, types: Sequence[str], check: Check
) -> ResourceValidationPolicy:
    """A rule that judges each resource of the given types by itself."""

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
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
        for resource, finding in check([_stack_resource(each) for each in args.resources]):
            report(_message(resource, finding, remedy), resource.urn)

    return StackValidationPolicy(
        name=name, description=description, severity=severity, remediation_steps=remedy, validate=validate
    )


def _stack_resource(resource: PolicyResource) -> Resource:
    return Resource(
        type=resource.resource_type,
        name=resource.name,
        urn=resource.urn,
        properties=mapping(plain(resource.props)),
        protect=resource.opts.protect,
        dependencies={
            key: [each.urn for each in resources] for key, resources in resource.property_dependencies.items()
        },
    )


def _message(resource: Resource, finding: str, remedy: str) -> str:
    """The engine adds the rule's name and description; a reader still needs the rest."""
    return f"{resource.name} ({resource.type}): {finding}. Remedy: {remedy}"
