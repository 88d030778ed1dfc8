"""The committed stacks comply with every rule at its level. Simulated: the engine, by a recording of the program."""

from datetime import date

import pytest
from pulumi_policy import EnforcementLevel, Policy, StackValidationPolicy

from infra.policy.levels import policies_for
from infra.resources.resource import Resource
from tests.infra.policy.judge import Given, marked, stack_violations, violations
from tests.support.planned import planned_stack
from tests.support.worlds import STACKS

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize("stack", STACKS)
def test_complies(stack: str) -> None:
    """A rule that a stack rightly breaks has a level in `levels.py`."""
    planned = [_as_planned(each) for each in planned_stack(stack)]
    mandatory = [rule for rule in policies_for(stack, TODAY) if rule.enforcement_level is EnforcementLevel.MANDATORY]

    assert [(rule.name, found) for rule in mandatory for found in _found(rule, planned)] == []
    assert len(mandatory) > 60


def _found(rule: Policy, planned: list[Resource]) -> list[str]:
    if isinstance(rule, StackValidationPolicy):
        return stack_violations(rule, planned)
    return [
        message
        for each in planned
        for message in violations(
            rule, Given(type=each.type, name=each.name, properties=marked(each.properties), protect=each.protect)
        )
    ]


def _as_planned(resource: Resource) -> Resource:
    """Return the resource without the id that recordings have."""
    given = {key: value for key, value in resource.properties.items() if key != "id"}
    return Resource(**{**vars(resource), "properties": given})
