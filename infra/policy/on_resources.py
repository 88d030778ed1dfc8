"""Judges resources with the rules of a stack without the engine, such as those of a state file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyCustomTimeouts,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from infra.resources.resource import Properties, Resource


@dataclass(frozen=True)
class Verdict:
    """A violation of a rule."""

    rule: str
    level: EnforcementLevel
    message: str
    urn: str
    """The resource; "" if a rule about a whole stack names none."""

    @property
    def mandatory(self) -> bool:
        """Whether the violation fails a preview."""
        return self.level is EnforcementLevel.MANDATORY


def judged(resources: Sequence[Resource], policies: Sequence[Policy]) -> list[Verdict]:
    """Return the violations of the rules that are not disabled, in the order of the rules."""
    found: list[Verdict] = []
    for policy in policies:
        if _level(policy) is EnforcementLevel.DISABLED:
            continue
        if isinstance(policy, StackValidationPolicy):
            policy.validate(stack_of(resources), partial(_report, found, policy, ""))
        elif isinstance(policy, ResourceValidationPolicy):
            for each in resources:
                arguments = (each.type, each.properties, each.urn, each.name, options_of(each), None)
                policy.validate(ResourceValidationArgs(*arguments), partial(_report, found, policy, each.urn))
    return found


def _level(policy: Policy) -> EnforcementLevel:
    return policy.enforcement_level or EnforcementLevel.MANDATORY


def _report(found: list[Verdict], policy: Policy, own: str, message: str, urn: str | None = None) -> None:
    found.append(Verdict(policy.name, _level(policy), message, urn or own))


def stack_of(
    resources: Sequence[Resource], view: Callable[[Properties], Mapping[str, Any]] = lambda properties: properties
) -> StackValidationArgs:
    """Return what a stack rule is called with for these resources.

    Args:
        resources: the resources.
        view: returns the properties as the SDK passes them; by default as they are.
    """
    views = {
        each.urn: PolicyResource(
            each.type, view(each.properties), each.urn, each.name, options_of(each), None, None, [], {}
        )
        for each in resources
    }
    for each in resources:
        for key, urns in each.dependencies.items():
            views[each.urn].property_dependencies[key] = [views[urn] for urn in urns if urn in views]
    return StackValidationArgs(list(views.values()))


def options_of(resource: Resource) -> PolicyResourceOptions:
    """Return the options of a resource as the SDK passes them."""
    return PolicyResourceOptions(resource.protect, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])
