"""How hard each rule holds in each stack: mandatory, unless the table says otherwise."""

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date

from pulumi_policy import EnforcementLevel, Policy, Severity

from infra.policy.exemptions import EXEMPTIONS, Exemption, exempted
from infra.policy.rules.registered import RULES

ADVISORY = EnforcementLevel.ADVISORY
DISABLED = EnforcementLevel.DISABLED

LEVELS: Mapping[str, Mapping[str, EnforcementLevel]] = {
    # Made to be thrown away, data included, on one machine that no network reaches.
    "local": {
        "stateful-resource-protected": DISABLED,
        "aws-eks-private-endpoint": DISABLED,
        "service-writes-authenticated": DISABLED,
    },
    # Holds nothing that cannot be made again, and people work on its cluster from outside.
    "dev": {
        "stateful-resource-protected": ADVISORY,
        "aws-eks-private-endpoint": ADVISORY,
        "service-writes-authenticated": ADVISORY,
    },
}
"""Stack -> rule -> level. A stack that is not here, such as a new environment, is held to all rules."""


def policies_for(stack: str, today: date, exemptions: Sequence[Exemption] = EXEMPTIONS) -> list[Policy]:
    """All rules, each at its level in this stack today.

    Raises:
        ValueError: an exemption names a critical rule, or one that there is not.
    """
    relaxable = {rule.name for rule in RULES if rule.severity is not Severity.CRITICAL}
    if wrong := sorted({each.rule for each in exemptions} - relaxable):
        raise ValueError(f"exemptions of {', '.join(wrong)}: no such rule that could be relaxed")
    levels = {**dict.fromkeys(exempted(stack, today, exemptions), ADVISORY), **LEVELS.get(stack, {})}
    return [_at_level(rule, levels.get(rule.name, EnforcementLevel.MANDATORY)) for rule in RULES]


def _at_level(rule: Policy, level: EnforcementLevel) -> Policy:
    levelled = copy(rule)
    levelled.enforcement_level = level
    return levelled
