"""How hard the rules hold in each stack."""

from datetime import date

import pytest
from pulumi_policy import EnforcementLevel

from infra.policy.levels import LEVELS, policies_for
from infra.policy.rules.registered import RULES

MANDATORY = EnforcementLevel.MANDATORY
TODAY = date(2026, 11, 28)


@pytest.mark.parametrize("stack", ["staging", "prod", "a-new-one"])
def test_holds_every_rule_wherever_nothing_else_is_said(stack: str) -> None:
    """A new environment starts under all rules."""
    assert {policy.enforcement_level for policy in policies_for(stack, TODAY)} == {MANDATORY}


@pytest.mark.parametrize("stack", LEVELS)
def test_relaxes_no_critical_rule(stack: str) -> None:
    """What is critical is so everywhere, on the developer's machine too."""
    relaxed = [policy for policy in policies_for(stack, TODAY) if policy.enforcement_level is not MANDATORY]

    assert len(relaxed) == len(LEVELS[stack])
    assert all(policy.severity and policy.severity.value != "critical" for policy in relaxed)


def test_names_only_rules_that_there_are() -> None:
    """A rule renamed must not silently lose its level."""
    assert {name for levels in LEVELS.values() for name in levels} <= {rule.name for rule in RULES}


def test_leaves_the_rules_themselves_alone() -> None:
    """One stack's levels do not become another's."""
    policies_for("local", TODAY)

    assert {rule.enforcement_level for rule in RULES} == {None}
