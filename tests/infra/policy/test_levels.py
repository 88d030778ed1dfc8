"""Enforcement levels of the rules in each stack."""

from datetime import date

import pytest
from pulumi_policy import EnforcementLevel

from infra.policy.levels import LEVELS, policies_for
from infra.policy.rules.registered import RULES

MANDATORY = EnforcementLevel.MANDATORY
TODAY = date(2026, 11, 28)


@pytest.mark.parametrize("stack", ["staging", "prod", "a-new-one"])
def test_every_rule_is_mandatory_by_default(stack: str) -> None:
    """In staging, in production and in a new environment all rules are mandatory."""
    assert {policy.enforcement_level for policy in policies_for(stack, TODAY)} == {MANDATORY}


@pytest.mark.parametrize("stack", LEVELS)
def test_relaxes_no_critical_rule(stack: str) -> None:
    """Critical rules are mandatory in every stack, also in local ones."""
    relaxed = [policy for policy in policies_for(stack, TODAY) if policy.enforcement_level is not MANDATORY]

    assert len(relaxed) == len(LEVELS[stack])
    assert all(policy.severity and policy.severity.value != "critical" for policy in relaxed)


def test_names_only_existing_rules() -> None:
    """A renamed rule must not lose its level silently."""
    assert {name for levels in LEVELS.values() for name in levels} <= {rule.name for rule in RULES}


def test_does_not_change_the_rules() -> None:
    """The levels of one stack do not affect another."""
    policies_for("local", TODAY)

    assert {rule.enforcement_level for rule in RULES} == {None}
