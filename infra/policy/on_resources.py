"""Judges resources with the rules of a stack without the engine, such as those of a state file."""

from collections.abc import Sequence
from dataclasses import dataclass

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

from infra.resources.resource import Resource


@dataclass(frozen=True)
class Verdict:
    """A violation of a rule."""

    rule: str
    level: EnforcementLevel
    message: str

    @property
    def mandatory(self) -> bool:
        """Whether the violation fails a preview."""
        return self.level is EnforcementLevel.MANDATORY


def judged(resources: Sequence[Resource], policies: Sequence[Policy]) -> list[Verdict]:
    """Return the violations of the rules that are not disabled, in the order of the rules."""
    found: list[Verdict] = []
    for policy in policies:
        level = policy.enforcement_level or EnforcementLevel.MANDATORY
        if level is EnforcementLevel.DISABLED:
            continue

        def report(
            message: str, _urn: str | None = None, *, name: str = policy.name, at: EnforcementLevel = level
        ) -> None:
            found.append(Verdict(name, at, message))

        if isinstance(policy, StackValidationPolicy):
            policy.validate(StackValidationArgs(_stack(resources)), report)
        elif isinstance(policy, ResourceValidationPolicy):
            for each in resources:
                arguments = (each.type, each.properties, each.urn, each.name, _options(each), None)
                policy.validate(ResourceValidationArgs(*arguments), report)
    return found


def _stack(resources: Sequence[Resource]) -> list[PolicyResource]:
    views = {
        each.urn: PolicyResource(each.type, each.properties, each.urn, each.name, _options(each), None, None, [], {})
        for each in resources
    }
    for each in resources:
        for key, urns in each.dependencies.items():
            views[each.urn].property_dependencies[key] = [views[urn] for urn in urns if urn in views]
    return list(views.values())


def _options(resource: Resource) -> PolicyResourceOptions:
    return PolicyResourceOptions(resource.protect, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])
