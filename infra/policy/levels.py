"""How hard each rule holds in each stack: mandatory, unless the table says otherwise."""

from collections.abc import Mapping
from copy import copy

from pulumi_policy import EnforcementLevel, Policy

from infra.policy.rules.registered import RULES

ADVISORY = EnforcementLevel.ADVISORY
DISABLED = EnforcementLevel.DISABLED

LEVELS: Mapping[str, Mapping[str, EnforcementLevel]] = {
    # Made to be thrown away, data included, on one machine that no network reaches.
    "local": {"stateful-resource-protected": DISABLED, "aws-eks-private-endpoint": DISABLED},
    # Holds nothing that cannot be made again, and people work on its cluster from outside.
    "dev": {"stateful-resource-protected": ADVISORY, "aws-eks-private-endpoint": ADVISORY},
}
"""Stack -> rule -> level. A stack that is not here, such as a new environment, is held to all rules."""


def policies_for(stack: str) -> list[Policy]:
    """All rules, each at its level in this stack."""
    levels = LEVELS.get(stack, {})
    return [_at_level(rule, levels.get(rule.name, EnforcementLevel.MANDATORY)) for rule in RULES]


def _at_level(rule: Policy, level: EnforcementLevel) -> Policy:
    levelled = copy(rule)
    levelled.enforcement_level = level
    return levelled
